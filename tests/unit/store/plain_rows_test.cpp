// Which rows are inserted and which are copied, and how their ids become known.

#include "store/plain_rows.hpp"

#include <gmock/gmock.h>

#include "helpers/error_of.hpp"

namespace errand::sql {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::size_t copied_rows_min = 3;

/// Keeps what it is told of a row: its tag.
class RowNote final : public Parameters {
 public:
  void set(int number, const Param& value) override {
    if (number == 1)
      tag_ = value.text();
  }

  [[nodiscard]] const std::string& tag() const { return tag_; }

 private:
  std::string tag_{};
};

/// Writes down what it is asked, a word for each row. Ids grow by one a row.
class NotingConnection final : public Connection {
 public:
  void run(Query query, const Batch& batch) override {
    for (std::size_t item = 0; item < batch.times; ++item) {
      RowNote row;
      batch.bind(item, row);
      note(std::string{name_of(query)} + " " + row.tag());
      const IdRow id{++last_id_};
      batch.on_row(item, id);
    }
  }

  [[nodiscard]] std::unique_ptr<RowCopy> copy(Query query) override {
    note(name_of(query));
    return copies ? std::make_unique<Copy>(*this) : nullptr;
  }

  [[nodiscard]] const Habits& habits() const noexcept override {
    static constexpr Habits habits{.copied_rows_min = copied_rows_min, .tells_ids = true};
    return habits;
  }

  SqlRows run_text(std::string_view, const std::vector<SqlValue>&, std::int64_t&) override {
    return {};
  }

  void run_script(std::string_view) override {}

  void begin() override {}

  void commit() override {}

  void rollback() noexcept override {}

  [[nodiscard]] TimePoint now() override { return {}; }

  [[nodiscard]] bool usable() const noexcept override { return true; }

  [[nodiscard]] NativeHandle native_handle() override {
    return NativeHandle{static_cast<pg_conn*>(nullptr)};
  }

  bool copies{true};
  bool conflicts{false};
  std::size_t bytes_a_row{1};
  std::size_t words_max{100};
  std::vector<std::string> asked{};

 private:
  class IdRow final : public Row {
   public:
    explicit IdRow(std::int64_t id) : id_{id} {}

    [[nodiscard]] bool is_null(int) const override { return false; }

    [[nodiscard]] std::int64_t integer(int) const override { return id_; }

    [[nodiscard]] double real(int) const override { return 0; }

    [[nodiscard]] std::string_view text(int) const override { return {}; }

   private:
    std::int64_t id_;
  };

  class Copy final : public RowCopy {
   public:
    explicit Copy(NotingConnection& connection) : connection_{connection} {}

    [[nodiscard]] Parameters& row() override { return row_; }

    void add() override {
      ++rows_;
      ++connection_.last_id_;
      connection_.note(row_.tag());
    }

    void end() override {
      connection_.note("end");
      if (connection_.conflicts)
        throw Error{ErrorKind::conflict, "taken", "unique_key"};
    }

    [[nodiscard]] std::size_t bytes() const noexcept override {
      return rows_ * connection_.bytes_a_row;
    }

   private:
    NotingConnection& connection_;
    RowNote row_{};
    std::size_t rows_{0};
  };

  void note(std::string_view words) {
    if (asked.size() < words_max)
      asked.emplace_back(words);
  }

  std::int64_t last_id_{0};
};

std::vector<PreparedJob> jobs_of(std::initializer_list<const char*> tags) {
  std::vector<PreparedJob> jobs;
  for (const char* tag : tags)
    jobs.emplace_back().tag = tag;
  return jobs;
}

class InsertedOrCopied : public ::testing::Test {
 protected:
  NotingConnection connection_{};
  PlainRows rows_{connection_, TimePoint{}};
};

TEST_F(InsertedOrCopied, FewAreInserted) {
  rows_.insert(jobs_of({"a", "b"}));
  EXPECT_THAT(connection_.asked, ElementsAre("insert_simple_job a", "insert_simple_job b"));
  EXPECT_THAT(rows_.take(), ElementsAre(1, 2));
}

TEST_F(InsertedOrCopied, ManyAreCopiedBetweenTwoThatTellTheirIds) {
  rows_.insert(jobs_of({"a", "b", "c", "d"}));
  EXPECT_THAT(rows_.take(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(
      connection_.asked,
      ElementsAre(
          "insert_simple_job a", "copy_simple_jobs", "b", "c", "end", "insert_simple_job d"));
}

TEST_F(InsertedOrCopied, OnePartAfterTheOtherIsCopiedAtOnce) {
  rows_.insert(jobs_of({"a", "b", "c"}));
  rows_.insert(jobs_of({"d"}));
  rows_.insert(jobs_of({"e", "f"}));
  EXPECT_THAT(rows_.take(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(connection_.asked,
              ElementsAre("insert_simple_job a",
                          "copy_simple_jobs",
                          "b",
                          "c",
                          "d",
                          "e",
                          "end",
                          "insert_simple_job f"));
}

TEST_F(InsertedOrCopied, WhatSaysMoreIsCopiedByItself) {
  rows_.insert(jobs_of({"a", "b", "c"}));
  auto jobs = jobs_of({"d", "e", "f"});
  jobs.back().meta = "{}";
  rows_.insert(jobs);
  EXPECT_THAT(rows_.take(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(connection_.asked,
              ElementsAre("insert_simple_job a",
                          "copy_simple_jobs",
                          "b",
                          "end",
                          "insert_simple_job c",
                          "insert_simple_job d",
                          "copy_jobs",
                          "e",
                          "end",
                          "insert_job f"));
}

TEST_F(InsertedOrCopied, AreInsertedWhereTheTableTakesNoCopies) {
  connection_.copies = false;
  rows_.insert(jobs_of({"a", "b", "c"}));
  EXPECT_THAT(rows_.take(), ElementsAre(1, 2, 3));
  EXPECT_THAT(
      connection_.asked,
      ElementsAre(
          "insert_simple_job a", "copy_simple_jobs", "insert_simple_job b", "insert_simple_job c"));
}

/// A server ends a statement that takes too long.
TEST_F(InsertedOrCopied, ACopyIsEndedAfterSoManyRowsOrBytes) {
  connection_.words_max = 1'000'000;
  const auto ends = [&] {
    return std::count(connection_.asked.begin(), connection_.asked.end(), "end");
  };
  rows_.insert(std::vector<PreparedJob>(50'001));
  EXPECT_EQ(ends(), 0);
  rows_.insert(std::vector<PreparedJob>(1));
  EXPECT_EQ(ends(), 1);
  connection_.bytes_a_row = 4'000'000;
  rows_.insert(std::vector<PreparedJob>(5));
  EXPECT_EQ(ends(), 1);
  rows_.insert(std::vector<PreparedJob>(1));
  EXPECT_EQ(ends(), 2);
  const auto ids = rows_.take();
  ASSERT_EQ(ids.size(), 50'008U);
  EXPECT_EQ(ids.back(), 50'008);
}

TEST_F(InsertedOrCopied, AConflictNamesTheFirstFewKeys) {
  auto jobs = jobs_of({"a", "b", "c", "d", "e", "f"});
  for (PreparedJob& job : jobs)
    job.unique_key = "key of " + job.tag;
  connection_.conflicts = true;
  rows_.insert(jobs);
  const auto error = testing::error_of([&] { static_cast<void>(rows_.take()); });
  EXPECT_EQ(error.field(), "uniqueKey");
  EXPECT_THAT(error.what(), HasSubstr("(key of b, key of c, key of d, …)"));
}

}  // namespace
}  // namespace errand::sql
