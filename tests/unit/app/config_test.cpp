#include <errand/config.hpp>
#include <errand/error.hpp>
#include <fstream>
#include <sstream>
#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_sources.hpp"
#include "app/config_table.hpp"

namespace errand {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using Variables = std::map<std::string, std::string>;

Config from(const Variables& variables) {
  return Config::from_variables(variables);
}

/// What the error says, or an empty text when there is none.
std::string refusal_of(const Variables& variables) {
  try {
    (void)Config::from_variables(variables);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    return error.what();
  }
  return {};
}

const std::string key(32, 'k');
const std::string token(16, 't');

struct Values {
  std::string variable{};
  std::vector<std::string> allowed{};
  std::vector<std::string> refused{};
};

const Values corpus[]{
    {"ERRAND_ENV",
     {"production", "test-2", "a_b"},
     {"a/b", "..", "a b", "x.y", std::string(65, 'a')}},
    {"DATABASE_URL",
     {"sqlite:x.db", "sqlite:/var/lib/e.db", "postgresql://h/d", "postgres://h", "postgresql://"},
     {"sqlite:", "x.db", "mysql://h/d", "host=h", "postgresql:h"}},
    {"WORKER_COUNT",
     {"0", "1", "1024", "cpus"},
     {"-1", "1025", "all", "1.5", " 1", "1 ", "+1", "0x1", "CPUS"}},
    {"WORKER_CONCURRENCY", {"1", "256"}, {"0", "257", "x"}},
    {"LOG_LEVEL", {"trace", "debug", "info", "warn", "error"}, {"INFO", "warning", "off", "1"}},
    {"WORKER_LOG_LEVEL", {"trace", "error"}, {"verbose"}},
    {"LOG_FORMAT", {"text", "json"}, {"JSON", "xml"}},
    {"HOST", {"127.0.0.1", "localhost", "::1", "127.8.8.8"}, {"a b", "h\n", std::string(256, 'h')}},
    {"PORT", {"0", "3000", "65535"}, {"65536", "-1", "http", "99999999999999999999"}},
    {"WEB_ENABLED", {"true", "false", "1", "0", "yes", "no", "on", "off"}, {"TRUE", "2", "maybe"}},
    {"SESSION_ENCRYPTION_KEY", {key, key + " with spaces"}, {key.substr(1), "short"}},
    {"ADMIN_TOKEN", {"t", token}, {"a b", "tab\t", "ünïcödé"}},
    {"SOCKET_MAX_CONNECTIONS_PER_USER", {"1", "10000"}, {"0", "10001"}},
    {"SOCKET_MAX_TOTAL_CONNECTIONS", {"1", "1000000"}, {"0", "1000001"}},
    {"POLL_INTERVAL", {"1ms", "1s", "1h", "500"}, {"0ms", "61m", "0", "1.5s", "-1s", "1 s"}},
    {"SHUTDOWN_GRACE", {"0", "0s", "25s", "1d"}, {"2d", "soon"}},
    {"REMOVE_DELAY_SUCCEEDED", {"0s", "1h", "3650d"}, {"3651d", "never"}},
    {"REMOVE_DELAY_FAILED", {"0s", "7d"}, {"3651d", "-1d"}},
    {"WORKER_MAX_JOBS", {"off", "1", "1000000000"}, {"0", "1000000001", "none"}},
    {"WORKER_MAX_RSS",
     {"off", "1M", "512M", "2G", "16777216", "16384K"},
     {"0", "512", "1023K", "1T", "512MB", "M", "9999999999G", "2g"}},
    {"WORKER_MAX_AGE", {"off", "1ms", "365d"}, {"0", "0ms", "366d"}},
    {"WORKER_QUEUES",
     {"all", "default", "default,mail:2,reports:1", "a, b", "a:b:3", "a:b"},
     {",", "a,", "a,,b", "a:0", "a:1025", "a,a:2", "a b", "ü", ":3", std::string(129, 'q')}},
    {"WORKER_ID", {"0", "7"}, {"-1", "x"}},
};

TEST(ConfigValues, accept_what_is_allowed_and_refuse_the_rest) {
  for (const Values& row : corpus) {
    for (const std::string& value : row.allowed)
      EXPECT_EQ(refusal_of({{row.variable, value}}), "") << row.variable << "=" << value;
    for (const std::string& value : row.refused)
      EXPECT_THAT(refusal_of({{row.variable, value}}), HasSubstr(row.variable)) << value;
  }
}

TEST(ConfigValues, are_tested_for_every_variable) {
  for (const ConfigVariable& variable : config_variables()) {
    const bool tested = std::any_of(std::begin(corpus), std::end(corpus), [&](const Values& row) {
      return row.variable == variable.name;
    });
    EXPECT_TRUE(tested || variable.name == "ERRAND_IPC_FD") << variable.name;
  }
}

TEST(ConfigValues, leave_the_field_alone_when_they_are_refused) {
  for (const Values& row : corpus) {
    for (const std::string& value : row.refused) {
      Config config;
      config.worker_queues = {{"kept", 3}};
      EXPECT_FALSE(find_config_variable(row.variable)->set(config, value)) << row.variable;
      EXPECT_EQ(config.worker_queues.size(), 1U);
      EXPECT_EQ(config.port, 3000);
      EXPECT_EQ(config.poll_interval, 1s);
    }
  }
}

TEST(Config, has_the_documented_defaults) {
  const Config config = from({});
  EXPECT_EQ(config.environment, "development");
  EXPECT_EQ(config.database_url, "sqlite:errand.db");
  EXPECT_EQ(config.worker_count, 1);
  EXPECT_EQ(config.worker_concurrency, 1);
  EXPECT_EQ(config.log_level, LogLevel::info);
  EXPECT_EQ(config.worker_log_level, LogLevel::info);
  EXPECT_FALSE(config.log_json);
  EXPECT_EQ(config.host, "127.0.0.1");
  EXPECT_EQ(config.port, 3000);
  EXPECT_TRUE(config.web_enabled);
  EXPECT_EQ(config.session_encryption_key, "");
  EXPECT_EQ(config.admin_token, "");
  EXPECT_EQ(config.socket_max_connections_per_user, 5);
  EXPECT_EQ(config.socket_max_total_connections, 10'000);
  EXPECT_EQ(config.poll_interval, 1s);
  EXPECT_EQ(config.shutdown_grace, 25s);
  EXPECT_EQ(config.remove_delay_succeeded, 1h);
  EXPECT_EQ(config.remove_delay_failed, 168h);
  EXPECT_EQ(config.worker_max_jobs, 0);
  EXPECT_EQ(config.worker_max_rss_bytes, 0);
  EXPECT_EQ(config.worker_max_age, 0ms);
  EXPECT_TRUE(config.worker_queues.empty());
  EXPECT_EQ(config.worker_id, std::nullopt);
  EXPECT_EQ(config.ipc_fd, std::nullopt);
}

TEST(Config, is_the_same_when_every_default_is_spelled_out) {
  Variables spelled;
  for (const ConfigVariable& variable : config_variables()) {
    if (variable.default_text.find(' ') == std::string_view::npos)
      spelled[std::string{variable.name}] = variable.default_text;
  }
  EXPECT_EQ(spelled.size(), config_variables().size() - 4);
  const Config config = from(spelled);
  const Config plain;
  EXPECT_EQ(config.database_url, plain.database_url);
  EXPECT_EQ(config.worker_count, plain.worker_count);
  EXPECT_EQ(config.log_level, plain.log_level);
  EXPECT_EQ(config.log_json, plain.log_json);
  EXPECT_EQ(config.host, plain.host);
  EXPECT_EQ(config.port, plain.port);
  EXPECT_EQ(config.web_enabled, plain.web_enabled);
  EXPECT_EQ(config.socket_max_connections_per_user, plain.socket_max_connections_per_user);
  EXPECT_EQ(config.socket_max_total_connections, plain.socket_max_total_connections);
  EXPECT_EQ(config.poll_interval, plain.poll_interval);
  EXPECT_EQ(config.shutdown_grace, plain.shutdown_grace);
  EXPECT_EQ(config.remove_delay_succeeded, plain.remove_delay_succeeded);
  EXPECT_EQ(config.remove_delay_failed, plain.remove_delay_failed);
  EXPECT_EQ(config.worker_max_jobs, plain.worker_max_jobs);
  EXPECT_EQ(config.worker_max_rss_bytes, plain.worker_max_rss_bytes);
  EXPECT_EQ(config.worker_max_age, plain.worker_max_age);
  EXPECT_TRUE(config.worker_queues.empty());
}

TEST(Config, takes_every_field_from_its_own_variable) {
  const Config config = from({{"ERRAND_ENV", "production"},
                              {"DATABASE_URL", "postgresql://u:p@h/d"},
                              {"WORKER_COUNT", "3"},
                              {"WORKER_CONCURRENCY", "4"},
                              {"LOG_LEVEL", "warn"},
                              {"WORKER_LOG_LEVEL", "debug"},
                              {"LOG_FORMAT", "json"},
                              {"HOST", "::1"},
                              {"PORT", "8080"},
                              {"WEB_ENABLED", "no"},
                              {"SESSION_ENCRYPTION_KEY", key},
                              {"ADMIN_TOKEN", token},
                              {"SOCKET_MAX_CONNECTIONS_PER_USER", "6"},
                              {"SOCKET_MAX_TOTAL_CONNECTIONS", "7"},
                              {"POLL_INTERVAL", "250ms"},
                              {"SHUTDOWN_GRACE", "9s"},
                              {"REMOVE_DELAY_SUCCEEDED", "10m"},
                              {"REMOVE_DELAY_FAILED", "11d"},
                              {"WORKER_MAX_JOBS", "12"},
                              {"WORKER_MAX_RSS", "512M"},
                              {"WORKER_MAX_AGE", "13h"},
                              {"WORKER_QUEUES", "default, mail:2"},
                              {"WORKER_ID", "14"},
                              {"ERRAND_IPC_FD", "15"}});
  EXPECT_EQ(config.environment, "production");
  EXPECT_EQ(config.database_url, "postgresql://u:p@h/d");
  EXPECT_EQ(config.worker_count, 3);
  EXPECT_EQ(config.worker_concurrency, 4);
  EXPECT_EQ(config.log_level, LogLevel::warn);
  EXPECT_EQ(config.worker_log_level, LogLevel::debug);
  EXPECT_TRUE(config.log_json);
  EXPECT_EQ(config.host, "::1");
  EXPECT_EQ(config.port, 8080);
  EXPECT_FALSE(config.web_enabled);
  EXPECT_EQ(config.session_encryption_key, key);
  EXPECT_EQ(config.admin_token, token);
  EXPECT_EQ(config.socket_max_connections_per_user, 6);
  EXPECT_EQ(config.socket_max_total_connections, 7);
  EXPECT_EQ(config.poll_interval, 250ms);
  EXPECT_EQ(config.shutdown_grace, 9s);
  EXPECT_EQ(config.remove_delay_succeeded, 10min);
  EXPECT_EQ(config.remove_delay_failed, 264h);
  EXPECT_EQ(config.worker_max_jobs, 12);
  EXPECT_EQ(config.worker_max_rss_bytes, 536'870'912);
  EXPECT_EQ(config.worker_max_age, 13h);
  ASSERT_EQ(config.worker_queues.size(), 2U);
  EXPECT_EQ(config.worker_queues[0].queue, "default");
  EXPECT_EQ(config.worker_queues[0].limit, 0);
  EXPECT_EQ(config.worker_queues[1].queue, "mail");
  EXPECT_EQ(config.worker_queues[1].limit, 2);
  EXPECT_EQ(config.worker_id, 14);
  EXPECT_EQ(config.ipc_fd, 15);
}

TEST(Config, counts_processors_for_cpus) {
  EXPECT_GE(from({{"WORKER_COUNT", "cpus"}}).worker_count, 1);
}

TEST(Config, takes_an_empty_value_for_none) {
  EXPECT_EQ(from({{"PORT", ""}, {"WORKER_COUNT", ""}}).port, 3000);
}

TEST(Config, reports_all_mistakes_together_one_a_line) {
  EXPECT_EQ(refusal_of({{"PORT", "abc"}, {"LOG_LEVEL", "loud"}, {"POLL_INTERVAL", "2h"}}),
            "the configuration has 3 mistakes:\n"
            "  LOG_LEVEL=loud: allowed is trace, debug, info, warn or error\n"
            "  PORT=abc: allowed is 0 to 65535\n"
            "  POLL_INTERVAL=2h: allowed is 1ms to 1h");
}

TEST(Config, names_the_first_variable_at_fault_as_the_field) {
  try {
    (void)from({{"PORT", "abc"}, {"HOST", "a b"}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.field(), "HOST");
  }
}

TEST(Config, never_shows_a_secret) {
  const std::string said = refusal_of({{"SESSION_ENCRYPTION_KEY", "hunter2"},
                                       {"ADMIN_TOKEN", "hunter 3"},
                                       {"DATABASE_URL", "mysql://me:hunter4@host/db"}});
  EXPECT_THAT(said, HasSubstr("3 mistakes"));
  EXPECT_THAT(said, Not(HasSubstr("hunter")));
  EXPECT_THAT(said, HasSubstr("DATABASE_URL=mysql:…"));
}

TEST(Config, shows_a_mistaken_url_that_has_no_password) {
  EXPECT_THAT(refusal_of({{"DATABASE_URL", "errand.db"}}), HasSubstr("DATABASE_URL=errand.db:"));
  for (const std::string url :
       {"host=h password=hunter2", "x?PassWord=hunter2", "me:hunter2@h", ":hunter2@h"})
    EXPECT_THAT(refusal_of({{"DATABASE_URL", url}}), Not(HasSubstr("hunter"))) << url;
}

TEST(Config, cannot_be_made_to_print_control_characters) {
  EXPECT_THAT(refusal_of({{"PORT", "\x1b[2J\n9"}}), HasSubstr(R"(PORT=\u001b[2J\n9: )"));
}

TEST(Config, refuses_to_be_open_to_others_without_a_token) {
  for (const std::string host : {"0.0.0.0", "::", "192.168.0.1", "example.com", "128.0.0.1"}) {
    EXPECT_THAT(refusal_of({{"HOST", host}}), HasSubstr("set ADMIN_TOKEN")) << host;
    EXPECT_THAT(refusal_of({{"HOST", host}, {"ADMIN_TOKEN", "short"}}), HasSubstr("16 characters"));
    EXPECT_EQ(refusal_of({{"HOST", host}, {"ADMIN_TOKEN", token}}), "") << host;
    EXPECT_EQ(refusal_of({{"HOST", host}, {"WEB_ENABLED", "false"}}), "") << host;
    EXPECT_EQ(refusal_of({{"HOST", host}, {"WORKER_ID", "1"}, {"ERRAND_IPC_FD", "3"}}), "") << host;
  }
}

TEST(Config, refuses_a_line_to_a_manager_without_a_workers_number) {
  EXPECT_THAT(refusal_of({{"ERRAND_IPC_FD", "3"}}), HasSubstr("without WORKER_ID"));
}

TEST(Config, ignores_what_is_not_its_own) {
  EXPECT_EQ(refusal_of({{"PATH", "/bin"}, {"PROT", "x"}}), "");
}

class ConfigFiles : public testing::Test {
 protected:
  ConfigFiles() {
    std::string name = testing::TempDir() + "config_XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  ~ConfigFiles() override { std::filesystem::remove_all(folder_); }

  void put(const std::string& file, const std::string& text) const {
    std::ofstream{folder_ / file} << text;
  }

  [[nodiscard]] ConfigSources gather(const Variables& environment = {}) const {
    return gather_config(folder_, environment);
  }

  std::filesystem::path folder_{};
};

TEST_F(ConfigFiles, need_not_exist) {
  EXPECT_THAT(gather().variables, IsEmpty());
  EXPECT_THAT(gather().mistakes, IsEmpty());
}

TEST_F(ConfigFiles, are_layered_and_the_environment_wins) {
  put(".env", "PORT=1\nHOST=127.0.0.1\nLOG_LEVEL=trace\nWORKER_COUNT=2\n");
  put(".env.staging", "PORT=2\nHOST=127.0.0.2\nLOG_LEVEL=debug\n");
  put(".env.development", "PORT=9\n");
  put(".env.local", "PORT=3\nHOST=127.0.0.3\n");
  const Config config = build_config(gather({{"ERRAND_ENV", "staging"}, {"PORT", "4"}}));
  EXPECT_EQ(config.port, 4);
  EXPECT_EQ(config.host, "127.0.0.3");
  EXPECT_EQ(config.log_level, LogLevel::debug);
  EXPECT_EQ(config.worker_count, 2);
  EXPECT_EQ(config.environment, "staging");
}

TEST_F(ConfigFiles, are_chosen_by_the_first_file_when_the_environment_is_silent) {
  put(".env", "ERRAND_ENV=staging\n");
  put(".env.staging", "PORT=2\n");
  EXPECT_EQ(build_config(gather()).port, 2);
  EXPECT_EQ(build_config(gather({{"ERRAND_ENV", "other"}})).port, 3000);
}

TEST_F(ConfigFiles, are_those_of_development_by_default) {
  put(".env.development", "PORT=2\n");
  EXPECT_EQ(build_config(gather()).port, 2);
}

TEST_F(ConfigFiles, cannot_be_chosen_outside_the_folder) {
  std::filesystem::create_directory(folder_ / ".env.");
  put("secret", "PORT=2\n");
  EXPECT_THAT(gather({{"ERRAND_ENV", "/../secret"}}).variables, testing::SizeIs(1));
}

TEST_F(ConfigFiles, name_the_line_of_a_mistake) {
  put(".env", "PORT=1\n");
  put(".env.local", "\nPORT=abc\nnonsense\n");
  try {
    (void)build_config(gather());
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the configuration has 2 mistakes:\n"
                 "  .env.local line 3 is neither NAME=value nor a # comment\n"
                 "  PORT=abc (.env.local line 2): allowed is 0 to 65535");
  }
}

TEST_F(ConfigFiles, are_not_blamed_for_what_the_environment_says) {
  put(".env", "PORT=1\n");
  try {
    (void)build_config(gather({{"PORT", "abc"}}));
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the configuration has a mistake:\n  PORT=abc: allowed is 0 to 65535");
  }
}

TEST_F(ConfigFiles, may_not_make_a_process_a_worker) {
  put(".env", "WORKER_ID=1\nERRAND_IPC_FD=3\n");
  EXPECT_THAT(gather().variables, IsEmpty());
}

TEST_F(ConfigFiles, leave_it_to_the_environment_how_a_worker_finds_its_parent) {
  put(".env", "NODE_CHANNEL_FD=9\n");
  EXPECT_THAT(gather({{"NODE_CHANNEL_FD", "3"}}).variables, IsEmpty()) << "it is a server";
  const Config child = build_config(gather({{"NODE_CHANNEL_FD", "3"}, {"WORKER_ID", "1"}}));
  EXPECT_EQ(child.ipc_fd, 3);
  const Config ours =
      build_config(gather({{"NODE_CHANNEL_FD", "3"}, {"WORKER_ID", "1"}, {"ERRAND_IPC_FD", "5"}}));
  EXPECT_EQ(ours.ipc_fd, 5);
}

TEST_F(ConfigFiles, get_a_hint_about_a_slip) {
  put(".env", "WORKER_CUONT=4\nDATABSE_URL=sqlite:x\n");
  EXPECT_THAT(
      gather().hints,
      ElementsAre(
          ".env line 1 sets WORKER_CUONT, which errand does not read; WORKER_COUNT was meant?",
          ".env line 2 sets DATABSE_URL, which errand does not read; DATABASE_URL was meant?"));
  EXPECT_EQ(build_config(gather()).worker_count, 1);
}

TEST_F(ConfigFiles, get_no_hint_for_other_programs_variables) {
  put(".env", "POST=1\nHOSTS=2\nEXPORT=3\nREDIS_URL=4\nDATABASE_POOL=5\nSMTP_PORT=6\nNODE_ENV=7\n");
  EXPECT_THAT(gather().hints, IsEmpty());
}

TEST_F(ConfigFiles, get_no_hint_when_the_right_name_is_set_too) {
  put(".env", "DATABASE_URI=x\n");
  EXPECT_THAT(gather().hints, testing::SizeIs(1));
  EXPECT_THAT(gather({{"DATABASE_URL", "sqlite:x"}}).hints, IsEmpty());
}

TEST_F(ConfigFiles, mention_slips_beside_mistakes) {
  put(".env", "PORT=abc\nWORKER_CUONT=4\n");
  try {
    (void)build_config(gather());
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a mistake, and what may be a slip:\n"));
    EXPECT_THAT(error.what(), HasSubstr("WORKER_COUNT was meant?"));
  }
}

TEST(ConfigTable, has_flags_named_after_the_variables) {
  EXPECT_EQ(flag_name(*find_config_variable("DATABASE_URL")), "--database-url");
  EXPECT_EQ(flag_name(*find_config_variable("PORT")), "--port");
  EXPECT_EQ(find_config_variable("NO_SUCH"), nullptr);
}

TEST(ConfigTable, is_the_one_in_the_documentation) {
  std::ifstream in{ERRAND_DOCS "/configuration.md"};
  std::ostringstream text;
  text << in.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr(config_markdown()))
      << "docs/configuration.md must hold this table:\n"
      << config_markdown();
}

}  // namespace
}  // namespace errand
