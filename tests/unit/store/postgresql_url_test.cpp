#include <errand/error.hpp>
#include <map>

#include <gmock/gmock.h>

#include "store/open_store.hpp"
#include "store/postgresql/postgres_url.hpp"

namespace errand::sql {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::map<std::string, std::string> options_of(const std::string& url) {
  const PostgresUrl parsed{url};
  const auto keywords = parsed.keywords();
  const auto values = parsed.values();
  std::map<std::string, std::string> options;
  for (std::size_t index = 0; keywords[index] != nullptr; ++index)
    EXPECT_TRUE(options.emplace(keywords[index], values[index]).second) << keywords[index];
  return options;
}

TEST(PostgresUrl, SaysWhatTheUriSays) {
  const auto options = options_of("postgresql://ann:p%40ss@db.example:6543/orders?sslmode=require");
  EXPECT_EQ(options.at("user"), "ann");
  EXPECT_EQ(options.at("password"), "p@ss");
  EXPECT_EQ(options.at("host"), "db.example");
  EXPECT_EQ(options.at("port"), "6543");
  EXPECT_EQ(options.at("dbname"), "orders");
  EXPECT_EQ(options.at("sslmode"), "require");
}

TEST(PostgresUrl, AddsDefaultsOnlyWhereTheUriIsSilent) {
  const auto silent = options_of("postgres://h/d");
  EXPECT_EQ(silent.at("connect_timeout"), "5");
  EXPECT_EQ(silent.at("tcp_user_timeout"), "10000");
  EXPECT_EQ(silent.at("target_session_attrs"), "read-write");
  EXPECT_EQ(silent.at("fallback_application_name"), "errand");
  EXPECT_EQ(silent.count("options"), 0U);
  const auto spoken = options_of(
      "postgres://h/d?connect_timeout=9&tcp_user_timeout=1&target_session_attrs=any"
      "&application_name=mine&keepalives_idle=7");
  EXPECT_EQ(spoken.at("connect_timeout"), "9");
  EXPECT_EQ(spoken.at("tcp_user_timeout"), "1");
  EXPECT_EQ(spoken.at("target_session_attrs"), "any");
  EXPECT_EQ(spoken.at("application_name"), "mine");
  EXPECT_EQ(spoken.at("keepalives_idle"), "7");
}

TEST(PostgresUrl, KnowsWhichServerSettingsTheUriMakes) {
  const PostgresUrl url{"postgresql://h/d?options=-c%20statement_timeout%3D3s"};
  EXPECT_TRUE(url.sets("statement_timeout"));
  EXPECT_FALSE(url.sets("idle_in_transaction_session_timeout"));
}

TEST(PostgresUrl, IsShownAsHostAndNameAndNeverWithThePassword) {
  const std::vector<std::pair<std::string, std::string>> shown{
      {"postgresql://ann:secret@db:5433/orders", "db:5433/orders"},
      {"postgresql://ann:secret@one:1,two:2/orders", "one,two:1,2/orders"},
      {"postgresql://ann:secret@/orders?host=/run/postgresql", "/run/postgresql/orders"},
      {"postgresql://ann:secret@[::1]/", "::1/ann"},
      {"postgresql:///orders?password=secret", "localhost/orders"},
  };
  for (const auto& [url, where] : shown)
    EXPECT_EQ(PostgresUrl{url}.where(), where) << url;
}

TEST(PostgresUrl, OneThatCannotBeReadIsRefusedWithoutItsPassword) {
  for (const char* url : {"postgresql://ann:sec ret@h:x:y/d",
                          "postgresql://ann:secret%zz@h/d",
                          "postgresql://ann:secret@[::1/d",
                          "postgresql://ann:secret@h/d?nonsense=secret",
                          "postgresql://ann:secret@h/d?secret",
                          "postgresql://ann:secret%00@h/d"}) {
    try {
      const PostgresUrl parsed{url};
      // libpq finds fault with the port only when it connects.
      EXPECT_THAT(parsed.where(), Not(HasSubstr("sec"))) << url;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_EQ(error.field(), "DATABASE_URL");
      EXPECT_THAT(error.what(), Not(HasSubstr("sec"))) << url;
    }
  }
}

TEST(PostgresUrl, OtherSchemesAreRefusedWithBothThatAreKnown) {
  try {
    static_cast<void>(open_store({.database_url = "mysql://u:secret@h/d"}));
    FAIL() << "no Error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("sqlite:PATH"));
    EXPECT_THAT(error.what(), HasSubstr("postgresql://"));
    EXPECT_THAT(error.what(), Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace errand::sql
