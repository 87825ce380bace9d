// Measures an echo with permessage-deflate: AsyncServer against Kestrel and npm's ws, in turns, and prints a table:
//   dotnet run bench/compression.cs                    all of it, about 8 minutes
//   dotnet run bench/compression.cs -- --rounds 3      fewer rounds
//   dotnet run bench/compression.cs -- JSON ticks      only the rows whose name contains one of the words
// Equal parameters: windows of 15 bits, level 6 (Kestrel's, which cannot be set), memory level 8, every message compressed; and Wspy at its
// default level besides. The messages are cut from those of bench/Wspy.Benchmarks/Compression/Corpus.cs. Linux with taskset, node, and the
// package of ws (npm ci --prefix tests/Wspy.Interop.Tests/peers): servers run on processor 1, the client on processor 0. Leave the machine
// alone meanwhile.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

string root = Root();
int rounds = Array.IndexOf(args, "--rounds") is >= 0 and int at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 5;
string[] words = [.. args.TakeWhile(word => word != "--rounds")];
string work = Directory.CreateTempSubdirectory("wspy-compression-").FullName;
List<Process> started = [];
try
{
    foreach (string project in (string[])["bench/Servers/Loop", "bench/Servers/Kestrel", "bench/Wspy.Benchmarks", "src/Wspy.Tool"])
    {
        Do("dotnet", "build", "-c", "Release", "-v", "quiet", project);
    }

    Do("dotnet", $"{root}/bench/Wspy.Benchmarks/bin/Release/net10.0/Wspy.Benchmarks.dll", "write-corpus", work);
    Server[] servers =
    [
        Start("Wspy", 9311, $"{root}/bench/Servers/Loop/bin/Release/net10.0/Loop", "9311", "1", "--deflate", "--level", "6"),
        Start("Wspy by default", 9314, $"{root}/bench/Servers/Loop/bin/Release/net10.0/Loop", "9314", "1", "--deflate"),
        Start("Kestrel", 9312, $"{root}/bench/Servers/Kestrel/bin/Release/net10.0/Kestrel", "9312", "--deflate"),
        Start("ws", 9313, "node", $"{root}/bench/Servers/ws.mjs", "9313"),
    ];
    Thread.Sleep(2000);

    (string Name, string Kind, string Load)[] rows =
    [
        ("JSON, 64 B × 100", "JSON", "-c 100 -s 64"),
        ("JSON, 1 KiB × 100", "JSON", "-c 100 -s 1024"),
        ("JSON, 16 KiB × 50", "JSON", "-c 50 -s 16384"),
        ("JSON, 64 KiB × 50", "JSON", "-c 50 -s 65536"),
        ("chat lines, 1 KiB × 100", "chat lines", "-c 100 -s 1024"),
        ("ticks, 1 KiB × 100", "ticks", "-c 100 -s 1024"),
        ("tagged binary, 1 KiB × 100", "tagged binary", "-c 100 -s 1024 --binary"),
    ];
    Console.WriteLine("| work | context | CPU per message, Wspy at level 6 | times less than Kestrel | than ws | Wspy by default | times less than Kestrel | than ws |");
    Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
    bool isWarm = false;
    foreach ((string name, string kind, string load) in rows)
    {
        if (words.Length > 0 && !words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            continue;
        }

        foreach ((string context, string deflate) in (ReadOnlySpan<(string, string)>)[("yes", "--deflate"), ("no", "--deflate-no-context")])
        {
            if (!isWarm)
            {
                // Tiered compilation wants to see some work before it is measured.
                Bench(servers, $"{work}/JSON", "-c 100 -s 1024 --deflate --warmup 1 -d 8 --rounds 1");
                isWarm = true;
            }

            Figures[] figures = Bench(servers, $"{work}/{kind}", $"{load} {deflate} --warmup 0.3 -d 1 --rounds {rounds}");
            (Figures level, Figures own, Figures kestrel, Figures ws) = (figures[0], figures[1], figures[2], figures[3]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {context} | {level.Cpu:0.0} µs | {kestrel.Cpu / level.Cpu:0.00} | {ws.Cpu / level.Cpu:0.00} | {own.Cpu:0.0} µs | {kestrel.Cpu / own.Cpu:0.00} | {ws.Cpu / own.Cpu:0.00} |"));
        }
    }
}
finally
{
    foreach (Process process in started)
    {
        process.Kill();
        process.Dispose();
    }

    Directory.Delete(work, recursive: true);
}

Figures[] Bench(Server[] servers, string data, string load)
{
    string report = $"{work}/report.json";
    string[] command =
    [
        "-c", "0", "dotnet", $"{root}/src/Wspy.Tool/bin/Release/net10.0/Wspy.Tool.dll", "bench", servers[0].Url, .. load.Split(' '), "--data", data,
        "--compare", .. servers.Skip(1).Select(server => server.Url), "--pid", .. servers.Select(server => $"{server.Process.Id}"), "--json", report, "--quiet",
    ];
    var start = new ProcessStartInfo("taskset", command) { WorkingDirectory = root, RedirectStandardOutput = true };
    using (Process bench = Process.Start(start)!)
    {
        bench.StandardOutput.ReadToEnd();
        bench.WaitForExit();
        if (bench.ExitCode != 0)
        {
            throw new InvalidOperationException($"wspy bench ended with {bench.ExitCode}.");
        }
    }

    using JsonDocument json = JsonDocument.Parse(File.ReadAllText(report));
    return [.. json.RootElement.GetProperty("servers").EnumerateArray().Select(server => server.GetProperty("median"))
        .Select(median => new Figures(median.GetProperty("serverCpu").GetDouble()))];
}

Server Start(string name, int port, string program, params string[] arguments)
{
    Process process = Process.Start(new ProcessStartInfo("taskset", ["-c", "1", program, .. arguments]) { WorkingDirectory = root })!;
    started.Add(process);
    return new Server(name, $"ws://127.0.0.1:{port}/", process);
}

void Do(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = root })!;
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}

static string Root([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;

internal sealed record Server(string Name, string Url, Process Process);

internal sealed record Figures(double Cpu);
