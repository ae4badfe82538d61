#include "server/user_token.hpp"

#include <array>
#include <errand/error.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "server/base64url.hpp"
#include "server/web_server.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;

const std::string key = "0123456789abcdef0123456789abcdef";
constexpr TimePoint now{1'700'000'000s};

std::string hmac(const EVP_MD* digest, const std::string& text, const std::string& with) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  ::HMAC(digest,
         with.data(),
         static_cast<int>(with.size()),
         reinterpret_cast<const unsigned char*>(text.data()),
         text.size(),
         bytes.data(),
         &size);
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

/// A token with any header and claims, signed rightly.
std::string signed_token(const std::string& header, const std::string& claims) {
  const std::string both = base64url_encode(header) + "." + base64url_encode(claims);
  return both + "." + base64url_encode(hmac(::EVP_sha256(), both, key));
}

const std::string good_header = R"({"alg":"HS256","typ":"JWT"})";
const std::string good_claims = R"({"userId":42,"iat":1700000000,"exp":1700003600})";

bool accepted(const std::string& token) {
  return check_user_token(token, key, now).has_value();
}

TEST(UserToken, IsAcceptedUntilItExpires) {
  const std::string token = create_user_token(key, 42, now, 1h);
  const auto claims = check_user_token(token, key, now + 59min);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user_id, 42);
  EXPECT_EQ(claims->expires, now + 1h);
  EXPECT_TRUE(check_user_token(token, key, now + 1h + 29s));
  EXPECT_FALSE(check_user_token(token, key, now + 1h + 30s));
}

TEST(UserToken, AcceptsOtherOrdersOfTheHeaderAndClaimsItDoesNotKnow) {
  EXPECT_TRUE(accepted(signed_token(good_header, good_claims)));
  EXPECT_TRUE(accepted(signed_token(R"({"typ":"JWT","alg":"HS256"})", good_claims)));
  EXPECT_TRUE(accepted(
      signed_token(R"({"alg":"HS256"})", R"({"exp":1700003600.5,"userId":42,"role":"x"})")));
}

TEST(UserToken, ChoosesItsAlgorithmItself) {
  for (const char* alg : {"none",
                          "None",
                          "nOnE",
                          "NONE",
                          "",
                          "hs256",
                          "HS384",
                          "HS512",
                          "RS256",
                          "ES256",
                          "PS256",
                          "EdDSA",
                          "HS256 ",
                          "dir"}) {
    const std::string header = std::string{R"({"alg":")"} + alg + R"("})";
    EXPECT_FALSE(accepted(signed_token(header, good_claims))) << alg;
    EXPECT_FALSE(accepted(base64url_encode(header) + "." + base64url_encode(good_claims) + "."))
        << alg;
  }
  for (const char* header :
       {"{}", R"({"alg":null})", R"({"alg":["HS256"]})", R"({"alg":0})", R"({"typ":"JWT"})"})
    EXPECT_FALSE(accepted(signed_token(header, good_claims))) << header;
}

TEST(UserToken, RefusesHeadersThatAskForMore) {
  for (const char* more : {R"("kid":"1")",
                           R"("jku":"http://evil")",
                           R"("jwk":{})",
                           R"("x5u":"http://evil")",
                           R"("x5c":[])",
                           R"("crit":["exp"])",
                           R"("b64":false)",
                           R"("zip":"DEF")",
                           R"("typ":"JWE")"})
    EXPECT_FALSE(
        accepted(signed_token(std::string{R"({"alg":"HS256",)"} + more + "}", good_claims)))
        << more;
}

TEST(UserToken, RefusesEveryWrongSignature) {
  const std::string both = base64url_encode(good_header) + "." + base64url_encode(good_claims);
  const std::string right = hmac(::EVP_sha256(), both, key);
  EXPECT_TRUE(accepted(both + "." + base64url_encode(right)));
  EXPECT_FALSE(accepted(both));
  EXPECT_FALSE(accepted(both + "."));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(std::string(32, '\0'))));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(right.substr(0, 31))));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(right + "x")));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(right) + "="));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(right) + "\n"));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(hmac(::EVP_sha512(), both, key))));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(hmac(::EVP_sha256(), both, key + "x"))));
  EXPECT_FALSE(accepted(both + "." + base64url_encode(hmac(::EVP_sha256(), both, ""))));
}

TEST(UserToken, RefusesEveryTokenWithOneChangedCharacter) {
  const std::string token = create_user_token(key, 42, now, 1h);
  for (std::size_t at = 0; at < token.size(); ++at) {
    std::string changed = token;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(accepted(changed)) << "at " << at;
  }
}

TEST(UserToken, NeedsAnExpiry) {
  for (const char* claims : {R"({"userId":42})",
                             R"({"userId":42,"exp":null})",
                             R"({"userId":42,"exp":"1700003600"})",
                             R"({"userId":42,"exp":true})",
                             R"({"userId":42,"exp":-1})",
                             R"({"userId":42,"exp":1e300})",
                             R"({"userId":42,"exp":1699999970})",
                             R"({"userId":42,"exp":0})"})
    EXPECT_FALSE(accepted(signed_token(good_header, claims))) << claims;
  EXPECT_TRUE(accepted(signed_token(good_header, R"({"userId":42,"exp":1699999971})")));
}

TEST(UserToken, RefusesTokensOfTheFuture) {
  for (const char* name : {"nbf", "iat"}) {
    const auto with = [name](const std::string& value) {
      return accepted(signed_token(
          good_header,
          R"({"userId":42,"exp":1700003600,")" + std::string{name} + "\":" + value + "}"));
    };
    EXPECT_TRUE(with("1700000030")) << name;
    EXPECT_FALSE(with("1700000031")) << name;
    EXPECT_FALSE(with("\"1700000000\"")) << name;
  }
}

TEST(UserToken, NeedsAUser) {
  for (const char* user : {"0", "-1", "\"42\"", "4.2", "null", "[42]", "9223372036854775808"})
    EXPECT_FALSE(accepted(
        signed_token(good_header, std::string{R"({"exp":1700003600,"userId":)"} + user + "}")))
        << user;
  EXPECT_FALSE(accepted(signed_token(good_header, R"({"exp":1700003600})")));
}

TEST(UserToken, RefusesDuplicateClaimsAndWhatIsNotAnObject) {
  for (const char* claims : {R"({"userId":1,"userId":42,"exp":1700003600})",
                             R"({"userId":42,"exp":1,"exp":1700003600})",
                             "[]",
                             "42",
                             "",
                             "{",
                             R"({"userId":42,"exp":1700003600}x)",
                             "{\"userId\":42,\"exp\":1700003600,\"a\":\"\\u0000\"}"})
    EXPECT_FALSE(accepted(signed_token(good_header, claims))) << claims;
  EXPECT_FALSE(accepted(signed_token(R"({"alg":"none","alg":"HS256"})", good_claims)));
  EXPECT_FALSE(accepted(signed_token("HS256", good_claims)));
}

TEST(UserToken, RefusesOddNumbersOfParts) {
  for (const char* token : {"", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d"})
    EXPECT_FALSE(accepted(token)) << token;
  const std::string both =
      base64url_encode(good_header) + "." + base64url_encode(good_claims) + ".x";
  EXPECT_FALSE(accepted(both + "." + base64url_encode(hmac(::EVP_sha256(), both, key))));
}

TEST(UserToken, RefusesMoreThanFourKibibytes) {
  const auto padded = [](std::size_t bytes) {
    return signed_token(
        good_header, R"({"userId":42,"exp":1700003600,"pad":")" + std::string(bytes, 'a') + "\"}");
  };
  EXPECT_TRUE(accepted(padded(2900)));
  EXPECT_LE(padded(2900).size(), 4096U);
  EXPECT_FALSE(accepted(padded(3100)));
}

TEST(UserToken, RefusesAShortKey) {
  const std::string token = create_user_token(key, 42, now, 1h);
  EXPECT_FALSE(check_user_token(token, key.substr(0, 31), now));
  try {
    static_cast<void>(create_user_token(key.substr(0, 31), 42, now, 1h));
    FAIL() << "a key of 31 characters was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_EQ(std::string{error.what()}.find(key.substr(0, 31)), std::string::npos);
  }
}

TEST(UserToken, IsNotMadeForNobody) {
  EXPECT_THROW(static_cast<void>(create_user_token(key, 0, now, 1h)), Error);
}

TEST(Base64Url, GoesThereAndBack) {
  for (const std::string& bytes : {std::string{},
                                   std::string{"f"},
                                   std::string{"fo"},
                                   std::string{"foo"},
                                   std::string{"\xFF\xFE\x00\x3E\x3F", 5}})
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
  EXPECT_EQ(base64url_encode("foob"), "Zm9vYg");
}

TEST(Base64Url, HasOneSpellingForEachText) {
  for (const char* text : {"Z", "Zm9vYh", "Zm9vYg==", "Zm 9v", "Zm9v+w", "Zm9v/w", "\xC3\xA4"})
    EXPECT_EQ(base64url_decode(text), std::nullopt) << text;
}

}  // namespace
}  // namespace errand
