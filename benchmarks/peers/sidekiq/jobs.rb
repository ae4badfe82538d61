# The job classes, and the file in which a worker reports. Loaded by the sidekiq program and by peer.rb.
require "json"
require "sidekiq"

# This Sidekiq is older than the Redis client beside it.
Redis.silence_deprecations = true

Sidekiq.configure_client { |config| config.redis = { url: "redis://127.0.0.1:#{ENV.fetch("REDIS_PORT")}" } }
Sidekiq.configure_server do |config|
  config.redis = { url: "redis://127.0.0.1:#{ENV.fetch("REDIS_PORT")}" }
  config.logger.level = Logger::WARN if ENV["BENCH_QUIET"]
  config.on(:startup) { Reports.tell_from_time_to_time }
end

# Microseconds of the monotonic clock, which all processes of a machine share.
def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC, :microsecond)
end

module Reports
  TELL_EVERY_SECONDS = 0.02

  @lock = Mutex.new
  @ran = 0

  def self.noop
    @lock.synchronize do
      @last = now
      @first ||= @last
      @ran += 1
    end
  end

  def self.append(report)
    File.open(ENV.fetch("BENCH_REPORT"), "a") { |file| file.syswrite("#{JSON.generate(report)}\n") }
  end

  def self.tell_from_time_to_time
    Thread.new do
      told = 0
      loop do
        sleep TELL_EVERY_SECONDS
        report = @lock.synchronize { { pid: Process.pid, ran: @ran, first: @first, last: @last } }
        next if report[:ran] == told

        told = report[:ran]
        append(report)
      end
    end
  end
end

class NoopJob
  include Sidekiq::Worker

  def perform(_data)
    Reports.noop
  end
end

class StampJob
  include Sidekiq::Worker

  def perform(data)
    Reports.append(latency: now - data["at"])
  end
end
