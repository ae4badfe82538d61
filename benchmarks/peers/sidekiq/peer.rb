# The verbs of benchmarks/compare/peers.py for Sidekiq.
verb, configuration, argument = ARGV
folder = File.expand_path(__dir__)

if verb == "worker"
  command = ["sidekiq", "--require", "#{folder}/jobs.rb"]
  if configuration == "best"
    ENV["BENCH_QUIET"] = "1"
    command += ["--concurrency", "25"]
  end
  exec(*command)
end

require "#{folder}/jobs"

CHUNK = 1000
PAYLOAD = { "customField" => "x" * 82 }.freeze

def print_result(result)
  puts JSON.generate(result)
end

def bulk(count)
  start = now
  count.step(1, -CHUNK) do |left|
    Sidekiq::Client.push_bulk("class" => NoopJob, "args" => [[PAYLOAD]] * [left, CHUNK].min)
  end
  print_result(seconds: (now - start) / 1e6)
end

def one(seconds)
  start = now
  count = 0
  while now < start + seconds * 1e6
    NoopJob.perform_async(PAYLOAD)
    count += 1
  end
  print_result(count: count, seconds: (now - start) / 1e6)
end

case verb
when "bulk" then bulk(argument.to_i)
when "one" then one(argument.to_f)
when "submit" then $stdin.each_line { StampJob.perform_async({ "at" => now }) }
end
