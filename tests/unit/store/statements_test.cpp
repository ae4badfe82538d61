#include "store/statements.hpp"

#include <errand/error.hpp>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "helpers/temporary_database.hpp"
#include "sql_files.hpp"
#include "store/open_store.hpp"

namespace errand::sql {
namespace {

TEST(Statements, EveryOneIsPreparedByAFreshlyMigratedDatabase) {
  const TemporaryDatabase file;
  const auto store = open_store({.database_url = file.url()});
  store->migrate();
  store->database().with_transaction([](Transaction& tx) {
    sqlite3* handle = tx.native_handle();
    for (std::size_t index = 0; index < query_names.size(); ++index) {
      const std::string text{Statements::of_sqlite().text(static_cast<Query>(index))};
      sqlite3_stmt* statement = nullptr;
      EXPECT_EQ(sqlite3_prepare_v2(handle, text.c_str(), -1, &statement, nullptr), SQLITE_OK)
          << query_names[index] << ": " << sqlite3_errmsg(handle);
      sqlite3_finalize(statement);
    }
  });
}

TEST(Statements, EveryFileIsAStatementThatIsUsed) {
  for (const EmbeddedFile& file : sql_files()) {
    constexpr std::string_view folder = "sqlite/queries/";
    if (!file.path.starts_with(folder))
      continue;
    const auto name = file.path.substr(folder.size(), file.path.size() - folder.size() - 4);
    EXPECT_NE(std::find(query_names.begin(), query_names.end(), name), query_names.end()) << name;
  }
}

TEST(Statements, ADialectThatIsNotThereIsNamed) {
  try {
    const Statements none{"oracle"};
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bug);
    EXPECT_NE(std::string{error.what()}.find("oracle/queries/"), std::string::npos);
  }
}

TEST(Statements, ARepeatedFragmentNumbersItsParametersOn) {
  const auto text = Statements::of_sqlite().text(Query::record_finished_many);
  EXPECT_NE(text.find("($1, $2, $3, $4, $5, $6, $7, $8, $9), ($10, $11,"), std::string_view::npos);
  EXPECT_NE(text.find("$288)"), std::string_view::npos);
  EXPECT_EQ(text.find("{{"), std::string_view::npos);
  EXPECT_EQ(text.find("Only in"), std::string_view::npos) << "a reason is for the file";
}

TEST(Statements, MigrationsHaveNumbersAndChecksums) {
  const auto& migrations = Statements::of_sqlite().migrations();
  ASSERT_FALSE(migrations.empty());
  EXPECT_EQ(migrations[0].name, "0001_worker_jobs");
  EXPECT_EQ(migrations[0].checksum.size(), 16U);
}

}  // namespace
}  // namespace errand::sql
