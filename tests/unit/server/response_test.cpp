#include "server/response.hpp"

#include "server/response_writer.hpp"

namespace errand {
namespace {

Json error_of(const Response& response) {
  return Json::parse(response.body).at("error");
}

TEST(ErrorResponse, HasAStatusForEveryKind) {
  const std::vector<std::pair<ErrorKind, int>> table{{ErrorKind::invalid, 400},
                                                     {ErrorKind::not_found, 404},
                                                     {ErrorKind::conflict, 409},
                                                     {ErrorKind::cancelled, 409},
                                                     {ErrorKind::unavailable, 503},
                                                     {ErrorKind::timed_out, 503},
                                                     {ErrorKind::bug, 500}};
  for (const auto& [kind, status] : table)
    EXPECT_EQ(error_response(Error{kind, "m"}, "id").status, status) << static_cast<int>(kind);
}

TEST(ErrorResponse, NamesTheFieldIfThereIsOne) {
  EXPECT_EQ(error_of(error_response(Error{ErrorKind::invalid, "m", "data"}, {})),
            Json({{"code", "invalid"}, {"message", "m"}, {"field", "data"}}));
  EXPECT_FALSE(error_of(error_response(Error{ErrorKind::invalid, "m"}, {})).contains("field"));
}

TEST(ErrorResponse, SaysNothingAboutABugButItsId) {
  const Json error = error_of(error_response(Error{ErrorKind::bug, "inner secret"}, "abc123"));
  EXPECT_EQ(error["code"], "internal");
  EXPECT_NE(error["message"].get<std::string>().find("abc123"), std::string::npos);
  EXPECT_EQ(error["message"].get<std::string>().find("secret"), std::string::npos);
}

TEST(ErrorResponse, TellsWhenToComeBack) {
  const Response response = error_response(Error{ErrorKind::unavailable, "m"}, {});
  EXPECT_NE(response_bytes(response, false, true).find("\r\nRetry-After: 1\r\n"),
            std::string::npos);
}

TEST(ResponseBytes, CannotBeSplitByAHeader) {
  Response response;
  response.headers = {{"Location", "/a\r\nSet-Cookie: x"}, {"X-Good", "fine"}};
  const std::string bytes = response_bytes(response, false, true);
  EXPECT_EQ(bytes.find("Set-Cookie"), std::string::npos);
  EXPECT_NE(bytes.find("X-Good: fine"), std::string::npos);
}

TEST(ResponseBytes, HasNoBodyAfter204AndForHead) {
  Response empty;
  empty.status = 204;
  EXPECT_EQ(response_bytes(empty, false, true).find("Content-Length"), std::string::npos);
  Response text;
  text.body = "hello";
  const std::string head = response_bytes(text, true, true);
  EXPECT_NE(head.find("Content-Length: 5"), std::string::npos);
  EXPECT_EQ(head.find("hello"), std::string::npos);
}

}  // namespace
}  // namespace errand
