#include "server/request_check.hpp"

#include "request_corpus.hpp"

namespace errand {
namespace {

/// What the strict reader alone says: 0 when it has no objection.
int status_of(const std::string& bytes) {
  const HeadScan scan = scan_head(bytes, 0);
  if (scan.refusal)
    return scan.refusal->status;
  EXPECT_NE(scan.length, 0U) << "the head has no end";
  const HeadCheck check = check_head(std::string_view{bytes}.substr(0, scan.length));
  return check.refusal ? check.refusal->status : 0;
}

TEST(RequestCheck, RefusesEveryAmbiguousHeadOfTheCorpus) {
  for (const testing::RawCase& one : testing::request_corpus())
    EXPECT_EQ(status_of(one.bytes), one.status == 401 ? 0 : one.status) << one.name;
}

TEST(RequestCheck, ComesToTheSameAnswerWhenTheHeadDripsInByteByByte) {
  for (const testing::RawCase& one : testing::request_corpus()) {
    HeadScan scan;
    std::size_t size = 0;
    while (scan.length == 0 && !scan.refusal && size < one.bytes.size()) {
      const std::size_t seen = size;
      scan = scan_head(std::string_view{one.bytes}.substr(0, ++size), seen);
    }
    const HeadScan whole = scan_head(one.bytes, 0);
    EXPECT_EQ(scan.length, whole.length) << one.name;
    EXPECT_EQ(scan.refusal.has_value(), whole.refusal.has_value()) << one.name;
  }
}

TEST(RequestCheck, FindsTheEndOfTheHeadBeforeAPipelinedRequest) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(scan_head(head + head, 0).length, head.size());
}

TEST(RequestCheck, WaitsForTheRestOfAHead) {
  const HeadScan scan = scan_head("GET / HTTP/1.1\r\nHost", 0);
  EXPECT_EQ(scan.length, 0U);
  EXPECT_FALSE(scan.refusal);
}

TEST(RequestCheck, ReadsTheFieldsOfAHead) {
  const HeadCheck check =
      check_head("GET /x?y HTTP/1.0\r\nHost: a:1\r\nConnection: keep-alive , Upgrade\r\n\r\n");
  ASSERT_FALSE(check.refusal);
  EXPECT_EQ(check.head.method, "GET");
  EXPECT_EQ(check.head.target, "/x?y");
  EXPECT_TRUE(check.head.http_1_0);
  EXPECT_EQ(check.head.field("host"), "a:1");
  EXPECT_TRUE(check.head.lists("connection", "upgrade"));
  EXPECT_FALSE(check.head.lists("connection", "close"));
  EXPECT_FALSE(check.head.has_body());
}

TEST(RequestCheck, KnowsWhichRequestsHaveABody) {
  const auto with = [](const std::string& field) {
    return check_head("POST / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n").head.has_body();
  };
  EXPECT_TRUE(with("Content-Length: 1"));
  EXPECT_TRUE(with("Transfer-Encoding: chunked"));
  EXPECT_FALSE(with("Content-Length: 0"));
}

TEST(RequestCheck, ReadsLengthsUpToSixteenDigits) {
  EXPECT_EQ(parse_content_length("0"), 0U);
  EXPECT_EQ(parse_content_length("9999999999999999"), 9999999999999999U);
  EXPECT_EQ(parse_content_length("10000000000000000"), std::nullopt);
  EXPECT_EQ(parse_content_length(" 1"), std::nullopt);
}

}  // namespace
}  // namespace errand
