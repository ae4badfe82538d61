#include "history.hpp"

#include <fstream>

#include <gmock/gmock.h>

namespace errand::torture {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class HistoryTest : public ::testing::Test {
 protected:
  HistoryTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "history-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr)
      folder_ = pattern;
  }

  ~HistoryTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_{};
};

TEST_F(HistoryTest, ReadsBackWhatSeveralProcessesWrote) {
  {
    const HistoryFile driver{folder_, "driver"};
    driver.write("acknowledged 7");
    driver.write(line_of({FaultKind::freeze_node, 10, 0, 150, 350}));
    driver.write(line_of({FaultKind::restart_database, 0, 0, 400, 500}));
    const HistoryFile worker{folder_, "worker"};
    worker.write("start 7 11.2 10 11 300");
    worker.write("start 7 11.1 10 11 100");
    worker.write("end 11.1 200");
  }
  const History history = read_history(folder_);
  ASSERT_THAT(history.runs, SizeIs(2));
  EXPECT_EQ(history.runs[0].name, "11.1");
  EXPECT_EQ(history.runs[0].job, 7);
  EXPECT_EQ(history.runs[0].node, 10);
  EXPECT_EQ(history.runs[0].worker, 11);
  EXPECT_EQ(history.runs[0].start, 100);
  EXPECT_EQ(history.runs[0].end, 200);
  EXPECT_EQ(history.runs[1].name, "11.2");
  EXPECT_EQ(history.runs[1].end, std::nullopt);
  ASSERT_THAT(history.acknowledged, SizeIs(1));
  EXPECT_EQ(history.acknowledged[0].job, 7);
  ASSERT_THAT(history.faults, SizeIs(2));
  EXPECT_EQ(line_of(history.faults[0]), "fault freeze-node 10 0 150 350");
  EXPECT_EQ(line_of(history.faults[1]), "fault restart-database 0 0 400 500");
}

TEST_F(HistoryTest, TellsTheLivesOfOneProcessNumberApart) {
  {
    const HistoryFile both{folder_, "worker"};
    both.write("life 11 90");
    both.write("start 7 11.90.1 10 11 100");
    both.write("life 11 900");
    both.write("start 7 11.900.1 10 11 1000");
    both.write(line_of({FaultKind::kill_worker, 10, 11, 500, 510}));
    both.write(line_of({FaultKind::take_worker, 10, 11, 1100, 1110}));
  }
  const History history = read_history(folder_);
  ASSERT_THAT(history.runs, SizeIs(2));
  ASSERT_THAT(history.faults, SizeIs(2));
  EXPECT_NE(history.runs[0].worker, history.runs[1].worker);
  EXPECT_EQ(history.faults[0].worker, history.runs[0].worker);
  EXPECT_EQ(history.faults[1].worker, history.runs[1].worker);
  EXPECT_EQ(history.runs[0].node, history.runs[1].node);
}

TEST_F(HistoryTest, NamesEveryFaultAndReadsItAgain) {
  const HistoryFile driver{folder_, "driver"};
  std::vector<FaultKind> written;
  for (const FaultName& fault : fault_names()) {
    driver.write(line_of({fault.kind, 1, 2, 3, 4}));
    written.push_back(fault.kind);
  }
  const History history = read_history(folder_);
  std::vector<FaultKind> kinds;
  for (const Fault& fault : history.faults)
    kinds.push_back(fault.kind);
  EXPECT_EQ(kinds, written);
}

TEST_F(HistoryTest, FindsInTheLogsWhichJobsWorkersWereRefused) {
  std::ofstream{folder_ / "node.1.log"}
      << R"({"level":"warn","message":"lost the claim of a job: its result is dropped","id":42})"
      << "\n"
      << R"({"level":"warn","message":"jobs of a dead worker are scheduled again","process":3})"
      << "\n"
      << R"({"level":"warn","message":"lost the claim of a jo)";
  EXPECT_THAT(read_history(folder_).refused, ElementsAre(42));
}

}  // namespace
}  // namespace errand::torture
