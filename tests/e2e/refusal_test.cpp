#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/host_process.hpp"

namespace errand::e2e {
namespace {

using ::testing::HasSubstr;

struct Refused {
  int exit_code{0};
  std::string output{};
};

Refused run(std::vector<std::string> arguments, std::map<std::string, std::string> environment) {
  environment.try_emplace("PORT", "0");
  HostProcess host{std::move(arguments), std::move(environment)};
  const int code = host.wait_for_exit();
  return {code, host.whole_output()};
}

TEST(BadConfiguration, IsReportedAllTogetherWithExitCode78) {
  Folder folder;
  const Refused refused = run({"serve"},
                              {{"DATABASE_URL", "sqlite:" + (folder / "a.db").string()},
                               {"WORKER_COUNT", "many"},
                               {"POLL_INTERVAL", "-1"},
                               {"LOG_LEVEL", "loud"}});
  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.output, HasSubstr("WORKER_COUNT"));
  EXPECT_THAT(refused.output, HasSubstr("POLL_INTERVAL"));
  EXPECT_THAT(refused.output, HasSubstr("LOG_LEVEL"));
}

TEST(AFileThatIsNotADatabase, IsRefusedAndLeftAlone) {
  Folder folder;
  const auto path = folder / "notes.txt";
  const std::string text(8192, 'x');
  std::ofstream{path} << text;
  const Refused refused = run({"serve"}, {{"DATABASE_URL", "sqlite:" + path.string()}});
  EXPECT_EQ(refused.exit_code, 78) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr("not a database"));
  std::ifstream in{path};
  const std::string after{std::istreambuf_iterator<char>{in}, {}};
  EXPECT_EQ(after, text);
}

TEST(ADatabaseInAFolderThatIsNotThere, IsRefusedWithItsName) {
  Folder folder;
  const auto path = folder / "missing" / "errand.db";
  const Refused refused = run({"serve"}, {{"DATABASE_URL", "sqlite:" + path.string()}});
  EXPECT_EQ(refused.exit_code, 69) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr(path.string()));
}

TEST(ASecondServerOnOneFile, IsToldWhoHasIt) {
  Served served;
  served.start();
  const Refused refused = run({"serve"}, served.environment_);
  EXPECT_EQ(refused.exit_code, 1) << refused.output;
  EXPECT_THAT(refused.output, HasSubstr(std::to_string(served.host_->pid())));
  const Job job = served.submit({.tag = "count", .type = "count"});
  EXPECT_EQ(served.finished(job.id).state, JobState::succeeded)
      << "the first server is not disturbed";
}

TEST(BadUsage, HasExitCode2) {
  Folder folder;
  EXPECT_EQ(run({"submit"}, {{"DATABASE_URL", "sqlite:" + (folder / "a.db").string()}}).exit_code,
            2);
  EXPECT_EQ(run({"dance"}, {{"DATABASE_URL", "sqlite:" + (folder / "a.db").string()}}).exit_code,
            2);
}

class ABadSubmission : public ::testing::TestWithParam<std::vector<std::string>> {};

TEST_P(ABadSubmission, IsOneSentenceAndStoresNothing) {
  Served served;
  const Refused refused = run(GetParam(), served.environment_);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.output, HasSubstr("errand: "));
  EXPECT_EQ(served.client_.worker_manager().list_jobs({}).jobs.size(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Everything,
    ABadSubmission,
    ::testing::Values(
        std::vector<std::string>{"submit", "noSuchType", "--tag", "t"},
        std::vector<std::string>{"submit", "count", "--tag", "t", "--data", "{not json"},
        std::vector<std::string>{"submit", "count", "--tag", "t", "--data", R"({"a":"\u0000"})"},
        std::vector<std::string>{
            "submit", "count", "--tag", "t", "--data", std::string(65, '[') + std::string(65, ']')},
        std::vector<std::string>{"submit", "count", "--tag", "t", "--due", "yesterday"}));

}  // namespace
}  // namespace errand::e2e
