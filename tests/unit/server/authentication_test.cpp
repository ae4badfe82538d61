#include "server/authentication.hpp"

#include "server/web_server.hpp"

namespace errand {
namespace {

const std::string key(32, 'k');
constexpr TimePoint now{std::chrono::seconds{1'000'000}};

TEST(Authenticator, KnowsTheOperatorAndUsers) {
  const Authenticator authenticator{"secret", key};
  EXPECT_EQ(authenticator.identify("secret", now).kind, Identity::Kind::admin);
  const Identity user =
      authenticator.identify(create_user_token(key, 42, now, std::chrono::hours{1}), now);
  EXPECT_EQ(user.kind, Identity::Kind::user);
  EXPECT_EQ(user.user_id, 42);
}

TEST(Authenticator, KnowsNobodyByAnythingElse) {
  const Authenticator authenticator{"secret", key};
  for (const std::string& token : {std::string{},
                                   std::string{"secre"},
                                   std::string{"secrett"},
                                   std::string{"Secret"},
                                   std::string{"secret\0", 7},
                                   std::string(5000, 'a')})
    EXPECT_EQ(authenticator.identify(token, now).kind, Identity::Kind::nobody) << token;
}

TEST(Authenticator, HasNoOperatorWithoutAnAdminToken) {
  const Authenticator authenticator{"", key};
  EXPECT_EQ(authenticator.identify("", now).kind, Identity::Kind::nobody);
}

TEST(Authenticator, DoesNotTakeTheOperatorForAUser) {
  const Authenticator authenticator{"secret", key};
  EXPECT_FALSE(authenticator.identify_user("secret", now));
}

TEST(BearerToken, IsWhatFollowsTheSchemeInAnyCase) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bEARER abc"), "abc");
}

TEST(BearerToken, IsEmptyForOtherSchemes) {
  for (const char* field : {"", "Bearer", "Bearer ", "Basic abc", "abc", "Bearerabc"})
    EXPECT_EQ(bearer_token(field), "") << field;
}

}  // namespace
}  // namespace errand
