#include "server/api/submission.hpp"

#include <errand/error.hpp>

namespace errand {
namespace {

std::string field_of(std::string_view body) {
  try {
    static_cast<void>(parse_submission(body));
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.field();
  }
  return "accepted";
}

TEST(SplitArray, FindsTheElements) {
  using Texts = std::vector<std::string_view>;
  EXPECT_EQ(split_array("[]"), Texts{});
  EXPECT_EQ(split_array(" [ ] "), Texts{});
  EXPECT_EQ(split_array("[1]"), Texts{"1"});
  EXPECT_EQ(split_array(R"([ {"a":[1,2]} , "x,]\"y" ])"), (Texts{R"({"a":[1,2]})", R"("x,]\"y")"}));
}

TEST(SplitArray, RefusesWhatIsNoArray) {
  for (const char* text : {"",
                           "{}",
                           "[",
                           "]",
                           "[1",
                           "[1,]",
                           "[,1]",
                           "[,]",
                           "[1,,2]",
                           "[1]]",
                           "[1]x",
                           "[\"a]",
                           "[[1]",
                           "[{]"})
    EXPECT_EQ(split_array(text), std::nullopt) << text;
}

TEST(Submission, IsOneJobOrMany) {
  const Submission one = parse_submission(R"({"tag":"t","type":"x","userId":42})");
  EXPECT_FALSE(one.many);
  EXPECT_EQ(one.jobs.at(0).user_id, 42);
  const Submission many = parse_submission(R"([{"tag":"a","type":"x"},{"tag":"b","type":"x"}])");
  EXPECT_TRUE(many.many);
  EXPECT_EQ(many.jobs.at(1).tag, "b");
}

TEST(Submission, NamesTheFieldAndTheElementAtFault) {
  EXPECT_EQ(field_of(R"({"tag":1,"type":"x"})"), "tag");
  EXPECT_EQ(field_of(R"([{"tag":"a","type":"x"},{"tag":1,"type":"x"}])"), "jobs[1].tag");
  EXPECT_EQ(field_of(R"([{"tag":"a","type":"x"},{"x"}])"), "jobs[1]");
  EXPECT_EQ(field_of(R"({"tag":"a","type":"x","nonsense":1})"), "nonsense");
}

TEST(Submission, RefusesBombs) {
  EXPECT_EQ(field_of(std::string(100'000, '[')), "body");
  EXPECT_EQ(field_of("{\"data\":" + std::string(100'000, '[')), "body");
  EXPECT_EQ(field_of("{\"tag\":\"a\",\"tag\":\"b\"}"), "body");
  EXPECT_EQ(field_of("{\"data\":1e131071}"), "body");
  EXPECT_EQ(field_of("\xEF\xBB\xBF{}"), "body");
  EXPECT_EQ(field_of("{}{}"), "body");
  EXPECT_EQ(field_of(""), "body");
}

}  // namespace
}  // namespace errand
