#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "jobs/imported_rows.hpp"
#include "workshop.hpp"

namespace demo {
namespace {

using errand::JobState;
using errand::Json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string table_of(int rows) {
  std::string text = "id,name\r\n";
  for (int row = 1; row <= rows; ++row)
    text += std::to_string(row) + ",\"name " + std::to_string(row) + "\"\r\n";
  return text;
}

class ImportCsvJob : public ::testing::Test {
 protected:
  errand::Job import(const std::string& table = "imported_rows") {
    const errand::Job job =
        app_.submit(ImportCsv{"data.csv", table}, {.tag = "import", .user_id = 42});
    app_.run_due();
    return app_.job(job.id);
  }

  errand::Job run_again(errand::JobId id) {
    const errand::Job job = app_.app().worker_manager().retry_job(id);
    app_.run_due();
    return app_.job(job.id);
  }

  std::int64_t count(const std::string& columns) {
    return app_.app().database().with_transaction([&](errand::Transaction& tx) {
      return tx.query("SELECT count(" + columns + ") FROM imported_rows").get<std::int64_t>(0, 0);
    });
  }

  Workshop workshop_{};
  errand::testing::TestApp app_{make_registry(workshop_.settings())};
};

TEST_F(ImportCsvJob, StoresEveryRowByColumnNameAndTellsItsUser) {
  workshop_.write("data.csv", "id,name\n1,\"Linus \"\"the second\"\"\"\n2,São\n");
  const errand::Job job = import();
  EXPECT_EQ(job.state, JobState::succeeded) << error_of(job);
  EXPECT_EQ(job.result, Json({{"rows", 2}, {"rejected", 0}, {"resumedAt", 0}}));
  const auto rows = app_.app().database().with_transaction([](errand::Transaction& tx) {
    return tx.query("SELECT fields FROM imported_rows ORDER BY line");
  });
  EXPECT_EQ(Json::parse(rows.get<std::string>(0, 0)),
            Json({{"id", "1"}, {"name", "Linus \"the second\""}}));
  EXPECT_EQ(Json::parse(rows.get<std::string>(1, 0)), Json({{"id", "2"}, {"name", "São"}}));
  EXPECT_THAT(notifications(app_, 42, "importFinished"), SizeIs(1));
}

TEST_F(ImportCsvJob, CommitsInBatchesAndReportsProgressUpToTheEnd) {
  workshop_.write("data.csv", table_of(5000));
  const errand::Job job = import();
  EXPECT_EQ(job.state, JobState::succeeded) << error_of(job);
  EXPECT_EQ(count("*"), 5000);
  ASSERT_TRUE(job.progress.has_value());
  EXPECT_DOUBLE_EQ(job.progress->done, 1.0);
  EXPECT_EQ(job.progress->note, "5000 rows");
}

TEST_F(ImportCsvJob, AddsNothingWhenItRunsAgain) {
  workshop_.write("data.csv", table_of(1234));
  const errand::Job job = import();
  const errand::Job again = run_again(job.id);
  EXPECT_EQ(again.state, JobState::succeeded) << error_of(again);
  EXPECT_EQ(again.result, Json({{"rows", 1234}, {"rejected", 0}, {"resumedAt", 1234}}));
  EXPECT_EQ(count("*"), 1234);
}

TEST_F(ImportCsvJob, GoesOnAfterTheLastBatchWhenARunBroke) {
  workshop_.write("data.csv", table_of(6000) + "6001,\"broken\"x\r\n");
  const errand::Job broken = import();
  EXPECT_EQ(broken.state, JobState::failed);
  EXPECT_THAT(error_of(broken), HasSubstr("row 6002"));
  const std::int64_t before = count("*");
  EXPECT_GT(before, 0);
  EXPECT_LT(before, 6000);
  workshop_.write("data.csv", table_of(6001));
  const errand::Job again = run_again(broken.id);
  EXPECT_EQ(again.state, JobState::succeeded) << error_of(again);
  EXPECT_EQ(again.result.value("resumedAt", std::int64_t{0}), before);
  EXPECT_EQ(count("*"), 6001);
  EXPECT_EQ(count("DISTINCT line"), 6001);
}

TEST_F(ImportCsvJob, CountsTwoImportsOfOneFileApart) {
  workshop_.write("data.csv", table_of(10));
  import();
  import();
  EXPECT_EQ(count("*"), 20);
}

TEST_F(ImportCsvJob, RejectsLinesThatDoNotFitTheHeader) {
  workshop_.write("data.csv", "id,name\n1,a\n2\n3,c,d\n4,e\n");
  EXPECT_EQ(import().result, Json({{"rows", 2}, {"rejected", 2}, {"resumedAt", 0}}));
  EXPECT_EQ(count("*"), 2);
}

TEST_F(ImportCsvJob, TakesAnEmptyFileForNoRows) {
  workshop_.write("data.csv", "");
  EXPECT_EQ(import().result, Json({{"rows", 0}, {"rejected", 0}, {"resumedAt", 0}}));
}

TEST_F(ImportCsvJob, RefusesATableThatIsNotItsOwn) {
  workshop_.write("data.csv", table_of(1));
  for (const std::string table :
       {"worker_jobs", "imported_", "imported_x; DROP TABLE worker_jobs", "imported_X"}) {
    const errand::Job job = import(table);
    EXPECT_EQ(job.state, JobState::failed) << table;
    EXPECT_THAT(error_of(job), HasSubstr("the name of the table is not allowed"));
  }
}

TEST_F(ImportCsvJob, TriesAgainLaterWhenTheFileIsNotThere) {
  const errand::Job job = import();
  EXPECT_EQ(job.state, JobState::failed);
  EXPECT_THAT(error_of(job), HasSubstr("data.csv: No such file or directory"));
  workshop_.write("data.csv", table_of(3));
  EXPECT_GE(app_.advance(std::chrono::seconds{5}), 1);
  EXPECT_EQ(count("*"), 3);
}

}  // namespace
}  // namespace demo
