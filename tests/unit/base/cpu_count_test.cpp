#include "base/cpu_count.hpp"

#include <fstream>
#include <sched.h>
#include <stdlib.h>

#include <gtest/gtest.h>

namespace errand {
namespace {

namespace fs = std::filesystem;

class CgroupTest : public testing::Test {
 protected:
  CgroupTest() {
    std::string name = testing::TempDir() + "cgroup_XXXXXX";
    root_ = ::mkdtemp(name.data());
  }

  ~CgroupTest() override { fs::remove_all(root_); }

  void put(const std::string& path, const std::string& text) const {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream{root_ / path} << text;
  }

  fs::path root_{};
};

TEST_F(CgroupTest, is_unlimited_without_files) {
  EXPECT_EQ(cgroup_cpus(root_), std::nullopt);
}

TEST_F(CgroupTest, reads_the_quota_of_version_2) {
  put("proc/self/cgroup", "0::/user.slice/errand.service\n");
  put("sys/fs/cgroup/user.slice/errand.service/cpu.max", "150000 100000\n");
  EXPECT_EQ(cgroup_cpus(root_), 1.5);
}

TEST_F(CgroupTest, takes_the_smallest_quota_of_the_parents) {
  put("proc/self/cgroup", "0::/a/b/c\n");
  put("sys/fs/cgroup/a/cpu.max", "200000 100000\n");
  put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  put("sys/fs/cgroup/a/b/c/cpu.max", "300000 100000\n");
  EXPECT_EQ(cgroup_cpus(root_), 2.0);
}

TEST_F(CgroupTest, is_unlimited_where_version_2_says_max) {
  put("proc/self/cgroup", "0::/\n");
  put("sys/fs/cgroup/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cpus(root_), std::nullopt);
}

TEST_F(CgroupTest, reads_the_mounts_root_when_the_path_is_the_hosts) {
  put("proc/self/cgroup", "0::/docker/0123456789\n");
  put("sys/fs/cgroup/cpu.max", "50000 100000\n");
  EXPECT_EQ(cgroup_cpus(root_), 0.5);
}

TEST_F(CgroupTest, reads_the_quota_of_version_1) {
  put("proc/self/cgroup", "5:memory:/docker/x\n4:cpu,cpuacct:/docker/x\n1:name=systemd:/\n");
  put("sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_quota_us", "250000\n");
  put("sys/fs/cgroup/cpu,cpuacct/docker/x/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpus(root_), 2.5);
}

TEST_F(CgroupTest, is_unlimited_where_version_1_says_minus_1) {
  put("proc/self/cgroup", "4:cpu:/\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpus(root_), std::nullopt);
}

TEST_F(CgroupTest, does_not_take_cpuset_for_cpu) {
  put("proc/self/cgroup", "4:cpuset,cpuacct:/\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n");
  put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpus(root_), std::nullopt);
}

TEST_F(CgroupTest, ignores_files_that_make_no_sense) {
  for (const char* text : {"", "x y", "100000", "100000 0", "-5 100000", "max"}) {
    put("proc/self/cgroup", "0::/\nno colons\n:\n7:\n");
    put("sys/fs/cgroup/cpu.max", text);
    EXPECT_EQ(cgroup_cpus(root_), std::nullopt) << text;
  }
}

TEST(UsableCpus, are_the_smaller_of_affinity_and_quota) {
  EXPECT_EQ(usable_cpus(8, std::nullopt), 8);
  EXPECT_EQ(usable_cpus(8, 2.0), 2);
  EXPECT_EQ(usable_cpus(2, 8.0), 2);
}

TEST(UsableCpus, count_a_started_processor_whole_and_are_never_none) {
  EXPECT_EQ(usable_cpus(8, 1.5), 2);
  EXPECT_EQ(usable_cpus(8, 0.1), 1);
  EXPECT_EQ(usable_cpus(0, std::nullopt), 1);
}

TEST(AffinityCpus, follow_the_processes_own_mask) {
  cpu_set_t before{};
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  EXPECT_EQ(affinity_cpus(), CPU_COUNT(&before));
  cpu_set_t one{};
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu) {
    if (CPU_ISSET(cpu, &before))
      CPU_SET(cpu, &one);
  }
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ(affinity_cpus(), 1);
  EXPECT_EQ(::sched_setaffinity(0, sizeof before, &before), 0);
}

}  // namespace
}  // namespace errand
