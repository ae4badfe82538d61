#include "jobs/csv_reader.hpp"

#include <errand/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace demo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<CsvRow> read(std::string_view text, std::size_t block_size) {
  CsvReader reader;
  std::vector<CsvRow> rows;
  const auto append = [&rows](std::vector<CsvRow> more) {
    rows.insert(rows.end(), more.begin(), more.end());
  };
  for (std::size_t at = 0; at < text.size(); at += block_size)
    append(reader.feed(text.substr(at, block_size)));
  append(reader.finish());
  return rows;
}

TEST(CsvReader, ReadsQuotesDoubledQuotesAndLineEndsInsideQuotes) {
  EXPECT_THAT(read("a,\"b \"\"c\"\"\",\"d\ne\"\r\n", 100),
              ElementsAre(ElementsAre("a", "b \"c\"", "d\ne")));
}

TEST(CsvReader, GivesTheSameRowsWhereverTheTextIsCut) {
  const std::string text = "id,name\r\n1,\"x,\"\"y\"\"\n\"\r\n2,São\r\n3,end";
  const auto whole = read(text, text.size());
  ASSERT_EQ(whole.size(), 4U);
  for (std::size_t size = 1; size < text.size(); ++size)
    EXPECT_EQ(read(text, size), whole) << "blocks of " << size;
}

TEST(CsvReader, TakesALastRowWithoutALineEnd) {
  EXPECT_THAT(read("a,b\n1,2", 3), ElementsAre(ElementsAre("a", "b"), ElementsAre("1", "2")));
}

TEST(CsvReader, KeepsEmptyFieldsAndSkipsEmptyLines) {
  EXPECT_THAT(read(",\n\n\nx,\n", 2), ElementsAre(ElementsAre("", ""), ElementsAre("x", "")));
  EXPECT_THAT(read("", 1), IsEmpty());
}

TEST(CsvReader, SaysInWhichRowAQuoteIsMisplaced) {
  for (const std::string_view bad : {"a,b\n1,\"2\"x\n", "a,b\n1,\"2"}) {
    try {
      static_cast<void>(read(bad, 4));
      ADD_FAILURE() << "read without complaint: " << bad;
    } catch (const errand::Error& error) {
      EXPECT_EQ(error.kind(), errand::ErrorKind::invalid);
      EXPECT_THAT(error.what(), HasSubstr("row 2"));
    }
  }
}

}  // namespace
}  // namespace demo
