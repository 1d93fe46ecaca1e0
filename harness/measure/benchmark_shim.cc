/* SPDX-License-Identifier: MIT
 *
 * How a repetition is known: Google Benchmark tells a reporter all repetitions of a benchmark at
 * once and not when each ran.  So each loop of calls notes itself; of a runner's loops the last
 * `repetitions` are its repetitions, what came before looked for the number of calls.
 */
#include "benchmark_shim.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <streambuf>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr double warm_seconds = 0.002;

double seconds_since(Clock::time_point start)
{
	return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Loop {           // one loop of calls, in the order they ran
	int runner;
	int64_t calls;
};

struct Race {
	const shim_runner *runners;
	const shim_options *options;
	std::vector<char> failed;
	std::vector<double> call_seconds;                // of the last loop; 0: not known yet
	std::vector<Loop> loops;
	std::vector<std::vector<shim_sample>> samples;   // of each runner, as they were reported
};

/* True: a call failed. */
bool warm(const shim_runner &runner, const Race &race, int index)
{
	const double repetition = race.options->repetition_ms / 1000.0;

	if (race.call_seconds[index] >= repetition)
		return false;
	const Clock::time_point start = Clock::now();
	do {
		if (runner.run(runner.self))
			return true;
	} while (seconds_since(start) < warm_seconds);
	return false;
}

void loop_of_calls(benchmark::State &state, Race &race, int index)
{
	const shim_runner &runner = race.runners[index];
	bool failed = race.failed[index];

	if (!failed && race.options->announce)
		race.options->announce(race.options->announce_self, index);
	if (failed || warm(runner, race, index)) {
		race.failed[index] = true;
		state.SkipWithError("the kernel failed");
		return;
	}
	if (race.options->begin)
		race.options->begin(race.options->announce_self, index);
	race.loops.push_back({ index, static_cast<int64_t>(state.max_iterations) });
	const Clock::time_point start = Clock::now();
	for (auto _ : state) {
		if (runner.run(runner.self)) {
			failed = true;
			state.SkipWithError("the kernel failed");
			break;
		}
	}
	race.call_seconds[index] = seconds_since(start) / static_cast<double>(state.max_iterations);
	race.failed[index] = failed;
}

class Collector : public benchmark::BenchmarkReporter {
public:
	explicit Collector(Race &race) : race_(race)
	{
	}

	bool ReportContext(const Context &) override
	{
		return true;
	}

	void ReportRuns(const std::vector<Run> &runs) override
	{
		for (const Run &run : runs) {
			if (run.run_type != Run::RT_Iteration || run.error_occurred ||
			    run.iterations < 1)
				continue;
			const int runner = std::stoi(run.run_name.function_name);
			const double calls = static_cast<double>(run.iterations);

			race_.samples[runner].push_back(
				{ runner, static_cast<int64_t>(run.iterations),
				  run.real_accumulated_time * 1e9 / calls });
		}
	}

private:
	Race &race_;
};

/* Every flag is given, so that no BENCHMARK_* variable, which the library reads before main, is
 * left in force.  All values are constants: Initialize exits the program on a bad one. */
void initialize_once()
{
	static bool done = false;
	static const char *const flags[] = {
		"quantsweep",
		"--benchmark_list_tests=false",
		"--benchmark_filter=",
		"--benchmark_min_time=0.01",
		"--benchmark_min_warmup_time=0",
		"--benchmark_repetitions=1",
		"--benchmark_enable_random_interleaving=true",
		"--benchmark_report_aggregates_only=false",
		"--benchmark_display_aggregates_only=false",
		"--benchmark_format=console",
		"--benchmark_out=",
		"--benchmark_out_format=json",
		"--benchmark_color=false",
		"--benchmark_counters_tabular=false",
		"--benchmark_perf_counters=",
		"--benchmark_time_unit=ns",
		"--v=0",
	};
	std::vector<std::string> texts(std::begin(flags), std::end(flags));
	std::vector<char *> argv;

	if (done)
		return;
	for (std::string &text : texts)
		argv.push_back(&text[0]);
	argv.push_back(nullptr);
	int argc = static_cast<int>(texts.size());
	benchmark::Initialize(&argc, argv.data());
	done = true;
}

void register_all(Race &race, int count)
{
	for (int i = 0; i < count; i++) {
		benchmark::internal::Benchmark *b = benchmark::RegisterBenchmark(
			std::to_string(i).c_str(),
			[&race, i](benchmark::State &state) { loop_of_calls(state, race, i); });

		b->MinTime(race.options->repetition_ms / 1000.0);
		b->UseRealTime();
		b->Repetitions(race.options->repetitions);
		b->ReportAggregatesOnly(false);
	}
}

/* The reported repetitions in the order of their loops. */
int in_order(const Race &race, int count, shim_sample *out)
{
	std::vector<int> left(count, race.options->repetitions);
	std::vector<const shim_sample *> found;

	for (auto loop = race.loops.rbegin(); loop != race.loops.rend(); ++loop) {
		const std::vector<shim_sample> &samples = race.samples[loop->runner];

		if (left[loop->runner] == 0 || race.failed[loop->runner])
			continue;
		found.push_back(&samples.at(static_cast<size_t>(--left[loop->runner])));
	}
	std::reverse(found.begin(), found.end());
	for (const shim_sample *sample : found)
		*out++ = *sample;
	return static_cast<int>(found.size());
}

int check(int count, const shim_options &options, char *why, size_t why_size)
{
	if (count < 1 || options.repetitions < 1 || options.repetitions > 1000 ||
	    options.repetition_ms < 1 || options.repetition_ms > 60000) {
		std::snprintf(why, why_size,
			      "%d runners with %d repetitions of %d ms cannot be timed; at least 1 "
			      "runner, "
			      "1 to 1000 repetitions and 1 to 60000 ms are expected",
			      count, options.repetitions, options.repetition_ms);
		return -1;
	}
	return 0;
}

/* Standard output as it was, under another number; descriptor 1 is the null device meanwhile. */
class Output : public std::streambuf
{
  public:
	Output() : file_(fcntl(1, F_DUPFD_CLOEXEC, 3))
	{
		const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		bad_ = file_ < 0 || null < 0 || dup2(null, 1) < 0;
		if (null >= 0)
			close(null);
	}

	~Output() override
	{
		if (file_ >= 0) {
			dup2(file_, 1);
			close(file_);
		}
	}

	bool bad() const
	{
		return bad_;
	}

  protected:
	std::streamsize xsputn(const char *text, std::streamsize count) override
	{
		for (std::streamsize at = 0; at < count && !bad_;) {
			const ssize_t wrote =
				write(file_, text + at, static_cast<size_t>(count - at));

			bad_ = wrote <= 0;
			at += wrote;
		}
		return bad_ ? 0 : count;
	}

	int_type overflow(int_type c) override
	{
		const char one = traits_type::to_char_type(c);

		return xsputn(&one, 1) == 1 ? c : traits_type::eof();
	}

  private:
	int file_;
	bool bad_ = false;
};

void counted_loop(benchmark::State &state, const shim_run &run, int index)
{
	const shim_benchmark &b = run.benchmarks[index];

	if (run.announce)
		run.announce(run.announce_self, index);
	/* end() starts Google Benchmark's clock; ours starts behind its preparations too */
	auto at = state.begin();
	const auto end = state.end();
	const Clock::time_point start = Clock::now();

	for (; at != end; ++at) {
		if (b.runner.run(b.runner.self)) {
			state.SkipWithError("the kernel failed");
			return;
		}
	}
	const double calls_per_ns =
		static_cast<double>(state.max_iterations) / (seconds_since(start) * 1e9);

	if (b.operations > 0)
		state.counters["gops"] = b.operations * calls_per_ns;
	if (b.bytes > 0)
		state.counters["gbytes_per_s"] = b.bytes * calls_per_ns;
}

int run_flags(const shim_run &run, char *why, size_t why_size)
{
	std::vector<std::string> texts = { "quantsweep" };
	std::vector<char *> argv;

	texts.insert(texts.end(), run.flags, run.flags + run.flag_count);
	for (std::string &text : texts)
		argv.push_back(&text[0]);
	argv.push_back(nullptr);
	int argc = static_cast<int>(texts.size());
	benchmark::Initialize(&argc, argv.data());
	for (size_t i = 0; i < run.context_count; i++)
		benchmark::AddCustomContext(run.keys[i], run.values[i]);
	for (int i = 0; i < run.count; i++)
		benchmark::RegisterBenchmark(
			run.benchmarks[i].name,
			[&run, i](benchmark::State &state) { counted_loop(state, run, i); });
	/* made before standard output goes away: it asks for a screen's colours */
	benchmark::BenchmarkReporter *reporter = benchmark::CreateDefaultDisplayReporter();
	Output output;
	std::ostream stream(&output);

	reporter->SetOutputStream(&stream);
	benchmark::RunSpecifiedBenchmarks(reporter, "all");
	reporter->SetOutputStream(&std::cout);
	if (!output.bad() && stream)
		return 0;
	std::snprintf(why, why_size, "standard output cannot be written; is the disk full");
	return -1;
}

} // namespace

extern "C" int shim_run_flags(const shim_run *run, char *why, size_t why_size)
{
	int status = -1;

	try {
		benchmark::ClearRegisteredBenchmarks();
		status = run_flags(*run, why, why_size);
	} catch (const std::exception &e) {
		std::snprintf(why, why_size, "Google Benchmark failed: %s", e.what());
	} catch (...) {
		std::snprintf(why, why_size, "Google Benchmark failed");
	}
	benchmark::ClearRegisteredBenchmarks();
	return status;
}

extern "C" int shim_time(const shim_runner *runners, int count, const shim_options *options,
			 shim_sample *samples, int *sample_count, char *why, size_t why_size)
{
	int status = 0;

	*sample_count = 0;
	if (check(count, *options, why, why_size))
		return -1;
	try {
		Race race = { runners, options, {}, {}, {}, {} };
		Collector collector(race);

		race.failed.resize(static_cast<size_t>(count), 0);
		race.call_seconds.resize(static_cast<size_t>(count), 0);
		race.samples.resize(static_cast<size_t>(count));
		initialize_once();
		benchmark::ClearRegisteredBenchmarks();
		register_all(race, count);
		benchmark::RunSpecifiedBenchmarks(&collector, "all");
		*sample_count = in_order(race, count, samples);
	} catch (const std::exception &e) {
		std::snprintf(why, why_size, "Google Benchmark failed: %s", e.what());
		status = -1;
	} catch (...) {
		std::snprintf(why, why_size, "Google Benchmark failed");
		status = -1;
	}
	benchmark::ClearRegisteredBenchmarks();
	return status;
}
