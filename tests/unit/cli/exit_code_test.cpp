#include "cli/exit_code.hpp"

#include <gtest/gtest.h>

namespace errand::cli {
namespace {

int code(ErrorKind kind, Stage stage, const std::string& field = {}) {
  return exit_code_for(Error{kind, "x", field}, stage);
}

TEST(ExitCodes, say_69_when_the_database_is_away_whatever_was_going_on) {
  EXPECT_EQ(code(ErrorKind::unavailable, Stage::configuration), 69);
  EXPECT_EQ(code(ErrorKind::unavailable, Stage::command), 69);
}

TEST(ExitCodes, say_78_for_a_configuration_that_cannot_work) {
  EXPECT_EQ(code(ErrorKind::invalid, Stage::configuration, "PORT"), 78);
  EXPECT_EQ(code(ErrorKind::invalid, Stage::configuration), 78);
  EXPECT_EQ(code(ErrorKind::invalid, Stage::command), 78);
}

TEST(ExitCodes, say_2_for_input_that_is_wrong) {
  EXPECT_EQ(code(ErrorKind::invalid, Stage::command, "data"), 2);
}

TEST(ExitCodes, say_1_when_the_thing_asked_about_failed) {
  for (const ErrorKind kind : {ErrorKind::not_found,
                               ErrorKind::conflict,
                               ErrorKind::timed_out,
                               ErrorKind::cancelled,
                               ErrorKind::bug})
    EXPECT_EQ(code(kind, Stage::command), 1);
}

}  // namespace
}  // namespace errand::cli
