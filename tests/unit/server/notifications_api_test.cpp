#include "running_server.hpp"

namespace errand::testing {
namespace {

class NotificationsApi : public ::testing::Test {
 protected:
  NotificationsApi() {
    for (int at = 0; at < 3; ++at)
      server_.notifications.create(42, {{"n", at}});
    server_.notifications.create(43, {{"n", "other"}});
  }

  HttpReply get(const std::string& query, const std::string& token) {
    return server_.request("GET", "/api/v1/notifications" + query, token);
  }

  RunningServer server_{};
};

TEST_F(NotificationsApi, ShowsAUserTheirOwnNewestFirst) {
  const Json body = get("", token_of(42)).json();
  ASSERT_EQ(body["notifications"].size(), 3U);
  EXPECT_EQ(body["notifications"][0]["id"], 3);
  EXPECT_EQ(body["notifications"][0]["userId"], 42);
  EXPECT_EQ(body["next"], nullptr);
}

TEST_F(NotificationsApi, Pages) {
  const Json first = get("?limit=2", token_of(42)).json();
  EXPECT_EQ(first["next"], 2);
  const Json second = get("?limit=2&cursor=2", token_of(42)).json();
  EXPECT_EQ(second["notifications"][0]["id"], 1);
  EXPECT_EQ(second["next"], nullptr);
}

TEST_F(NotificationsApi, ShowsNobodyThoseOfAnother) {
  EXPECT_EQ(get("?userId=43", token_of(42)).status, 404);
  EXPECT_EQ(get("?userId=42", token_of(42)).status, 200);
  EXPECT_EQ(server_.request("POST", "/api/v1/notifications/4/read", token_of(42)).status, 404);
  EXPECT_EQ(server_.request("POST", "/api/v1/notifications/4/read?userId=43", token_of(42)).status,
            404);
  EXPECT_EQ(
      server_.request("POST", "/api/v1/notifications/read-all?userId=43", token_of(42)).status,
      404);
}

TEST_F(NotificationsApi, AsksTheOperatorForWhom) {
  const HttpReply reply = get("", admin_token);
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.json()["error"]["field"], "userId");
  EXPECT_EQ(get("?userId=43", admin_token).json()["notifications"].size(), 1U);
}

TEST_F(NotificationsApi, MarksOneOrAllAsRead) {
  EXPECT_EQ(server_.request("POST", "/api/v1/notifications/2/read", token_of(42)).status, 200);
  EXPECT_EQ(get("", token_of(42)).json()["notifications"][1]["read"], true);
  EXPECT_EQ(
      server_.request("POST", "/api/v1/notifications/read-all", token_of(42)).json()["marked"], 2);
  EXPECT_EQ(get("", token_of(43)).json()["notifications"][0]["read"], false);
}

TEST_F(NotificationsApi, RefusesBadParameters) {
  for (const char* query : {"?limit=0", "?limit=1001", "?cursor=x", "?userId=0", "?other=1"})
    EXPECT_EQ(get(query, token_of(42)).status, 400) << query;
}

}  // namespace
}  // namespace errand::testing
