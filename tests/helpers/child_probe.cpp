// A worker that behaves, or misbehaves in the way its arguments say. Its process row is its pid.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "base/system_clock.hpp"
#include "ipc/flight_recorder.hpp"
#include "ipc/frame.hpp"
#include "ipc/message.hpp"

namespace {

using namespace errand;
using namespace std::chrono_literals;

int line_fd() {
  const char* text = std::getenv("ERRAND_IPC_FD");
  return text != nullptr ? std::atoi(text) : -1;
}

int flight_fd() {
  const char* text = std::getenv("ERRAND_FLIGHT_FD");
  return text != nullptr ? std::atoi(text) : -1;
}

void say_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = ::send(line_fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0)
      std::exit(0);
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

void say(const ipc::Message& message) {
  say_raw(ipc::encode(message));
}

class Probe {
 public:
  void become_ready() {
    say(ipc::Hello{ipc::protocol_version, "probe", ::getpid()});
    say(ipc::WorkerStarted{::getpid(), ::getpid()});
  }

  /// Beats and obeys until the manager says that it may go, or is gone.
  void serve(bool beats = true, bool obeys = true) {
    for (;;) {
      pollfd line{line_fd(), POLLIN, 0};
      if (::poll(&line, 1, 50) > 0 && !read(obeys))
        return;
      if (beats)
        say(ipc::Heartbeat{1});
    }
  }

  void run_job(JobId id, std::optional<milliseconds> timeout) {
    const SteadyPoint now = SystemClock{}.steady_now();
    std::optional<SteadyPoint> deadline;
    if (timeout)
      deadline = now + *timeout;
    recorder_->job_begins(0, {id, 2, now, deadline});
    recorder_->log_line("began job " + std::to_string(id));
  }

  void beat_quietly() {
    for (;;) {
      pollfd line{line_fd(), POLLIN, 0};
      if (::poll(&line, 1, 20) > 0 && !read(true))
        return;
      recorder_->beat();
    }
  }

 private:
  bool read(bool obeys) {
    char bytes[4096];
    const ssize_t size = ::recv(line_fd(), bytes, sizeof bytes, 0);
    if (size <= 0)
      return false;
    splitter_.feed({bytes, static_cast<std::size_t>(size)});
    while (const auto line = splitter_.next()) {
      const ipc::Message message = ipc::decode(*line);
      if (std::holds_alternative<ipc::Wake>(message))
        say(ipc::JobStarted{1, 0});
      if (const auto* looked = std::get_if<ipc::NodeLooked>(&message))
        say(ipc::JobStarted{looked->due ? 3 : 2, 0});
      if (const auto* cancel = std::get_if<ipc::CancelJob>(&message))
        say(ipc::JobStarted{cancel->id, 42});
      const bool leave =
          std::holds_alternative<ipc::Drain>(message) || std::holds_alternative<ipc::Stop>(message);
      if (leave && obeys) {
        say(ipc::WorkerShutdown{::getpid(), "stopped"});
        return false;
      }
    }
    return true;
  }

  std::unique_ptr<ipc::FlightRecorder> recorder_ = ipc::FlightRecorder::attach(flight_fd());
  ipc::LineSplitter splitter_{ipc::line_bytes_max};
};

/// What the spawner gave it.
Json describe_self() {
  Json variables = Json::object();
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text{*entry};
    variables[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  Json files = Json::object();
  for (const auto& file : std::filesystem::directory_iterator{"/proc/self/fd"}) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(file, gone);
    if (!gone && target.string().find("/fd") == std::string::npos)
      files[file.path().filename()] = target.string();
  }
  sigset_t blocked{};
  ::sigprocmask(SIG_BLOCK, nullptr, &blocked);

  struct sigaction on_pipe {};

  ::sigaction(SIGPIPE, nullptr, &on_pipe);
  return {{"environment", variables},
          {"files", files},
          {"blocksTerm", ::sigismember(&blocked, SIGTERM) == 1},
          {"ignoresPipe", on_pipe.sa_handler == SIG_IGN},
          {"group", ::getpgrp()}};
}

/// As it is, whatever a sanitizer would make of it.
void die_by(int signal) {
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void flood() {
  const std::string line = ipc::encode(ipc::SendToUser{1, std::string(1000, 'x')});
  for (;;)
    say_raw(line);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "serve";
  const std::string detail = argc > 2 ? argv[2] : "";
  const std::map<std::string, std::function<void()>> early{
      {"exit",
       [&] {
         std::exit(std::stoi(detail));
       }},
      {"abort",
       [] {
         std::abort();
       }},
      {"never-ready",
       [] {
         Probe{}.serve(false);
       }},
      {"wrong-protocol",
       [] {
         say(ipc::Hello{99, "9.9", ::getpid()});
         Probe{}.serve();
       }},
  };
  if (const auto found = early.find(mode); found != early.end()) {
    found->second();
    return 0;
  }
  Probe probe;
  probe.become_ready();
  const std::map<std::string, std::function<void()>> modes{
      {"serve",
       [&] {
         probe.serve();
       }},
      {"describe",
       [&] {
         say(ipc::Broadcast{describe_self()});
         probe.serve();
       }},
      {"segfault",
       [] {
         die_by(SIGSEGV);
       }},
      {"ignore-term",
       [&] {
         ::signal(SIGTERM, SIG_IGN);
         probe.serve(true, false);
       }},
      {"ignore-drain",
       [&] {
         probe.serve(true, false);
       }},
      {"close-line",
       [] {
         ::close(line_fd());
         for (;;)
           ::pause();
       }},
      {"silent",
       [&] {
         probe.serve(false);
       }},
      {"beat-quietly",
       [&] {
         probe.beat_quietly();
       }},
      {"flood",
       [] {
         flood();
       }},
      {"garbage",
       [&] {
         say_raw("\x01\x02 rubbish {]\n");
         for (;;)
           ::pause();  // it must not leave by itself before it is killed
       }},
      {"half-frame",
       [] {
         say_raw("{\"type\":\"send-to-us");
       }},
      {"endless-line",
       [] {
         for (;;)
           say_raw(std::string(4096, 'x'));
       }},
      {"recycle",
       [] {
         say(ipc::WorkerShutdown{::getpid(), "recycled"});
       }},
      {"another-row",
       [&] {
         say(ipc::WorkerStarted{::getpid(), 1});
         probe.serve();
       }},
      {"wake-others",
       [&] {
         say(ipc::Wake{});
         probe.serve();
       }},
      {"die-in-job",
       [&] {
         probe.run_job(7, std::nullopt);
         die_by(std::stoi(detail));
         std::exit(0);
       }},
      {"late-job",
       [&] {
         probe.run_job(7, 100ms);
         probe.serve(true, false);
       }},
      {"late-job-ignoring-term",
       [&] {
         ::signal(SIGTERM, SIG_IGN);
         probe.run_job(7, 100ms);
         probe.serve(true, false);
       }},
  };
  const auto found = modes.find(mode);
  if (found == modes.end()) {
    std::cerr << "child_probe: unknown mode " << mode << '\n';
    return 2;
  }
  found->second();
  return 0;
}
