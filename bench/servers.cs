// Measures AsyncServer against the floor (bench/Servers/floor.c, the least that the kernel asks for) and against Kestrel, in turns, and
// prints a table:
//   dotnet run bench/servers.cs                    all of it, about 12 minutes
//   dotnet run bench/servers.cs -- --rounds 3      fewer rounds
//   dotnet run bench/servers.cs -- small large     only the rows whose name contains one of the words; loops: one loop beside two
// Linux with gcc and taskset: servers run on processor 1, the client on processor 0 (loops: both on both). Leave the machine alone meanwhile.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

const string ClientOnly = "0", ServerOnly = "1", Both = "0,1";
string root = Root();
int rounds = Array.IndexOf(args, "--rounds") is >= 0 and int at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 5;
string[] words = [.. args.TakeWhile(word => word != "--rounds")];
string work = Directory.CreateTempSubdirectory("wspy-servers-").FullName;
List<Process> started = [];
try
{
    Do("gcc", "-O3", "-march=native", "-pthread", "-o", $"{work}/floor", "bench/Servers/floor.c");
    foreach (string project in (string[])["bench/Servers/Loop", "bench/Servers/Kestrel", "src/Wspy.Tool"])
    {
        Do("dotnet", "build", "-c", "Release", "-v", "quiet", project);
    }

    string loop = $"{root}/bench/Servers/Loop/bin/Release/net10.0/Loop";
    string kestrel = $"{root}/bench/Servers/Kestrel/bin/Release/net10.0/Kestrel";
    Do(loop, "--write-certificate", $"{work}/certificate.pfx");
    Server floor = Start(ServerOnly, 9301, false, $"{work}/floor", "9301");
    Server wspy = Start(ServerOnly, 9302, false, loop, "9302", "1");
    Server other = Start(ServerOnly, 9303, false, kestrel, "9303");
    Server wspyTls = Start(ServerOnly, 9304, true, loop, "9304", "1", "--certificate", $"{work}/certificate.pfx");
    Server otherTls = Start(ServerOnly, 9305, true, kestrel, "9305", $"{work}/certificate.pfx");
    Server oneLoop = Start(Both, 9306, false, loop, "9306", "1");
    Server twoLoops = Start(Both, 9307, false, loop, "9307", "2");
    Server oneThread = Start(Both, 9308, false, $"{work}/floor", "9308", "1");
    Server twoThreads = Start(Both, 9309, false, $"{work}/floor", "9309", "2");
    Thread.Sleep(2000);

    (string Name, Server[] Servers, string Load)[] rows =
    [
        ("small: 20 B × 100, window 1", [floor, wspy, other], "-c 100 -s 20 -w 1 --binary"),
        ("small: 20 B × 100, window 16", [floor, wspy, other], "-c 100 -s 20 -w 16 --binary"),
        ("small: 20 B × 100, window 256", [floor, wspy, other], "-c 100 -s 20 -w 256 --binary"),
        ("1 KiB × 100", [floor, wspy, other], "-c 100 -s 1024 --binary"),
        ("16 KiB × 100", [floor, wspy, other], "-c 100 -s 16384 --binary"),
        ("large: 64 KiB × 50", [floor, wspy, other], "-c 50 -s 65536 --binary"),
        ("large: 1 MiB × 10", [floor, wspy, other], "-c 10 -s 1048576 --binary"),
        ("many: 20 B × 5,000", [floor, wspy, other], "-c 5000 -s 20 --binary"),
        ("text: 64 KiB × 50 of three-byte characters", [wspy, other], "-c 50 -s 65535 --utf8"),
        ("text: the same size, binary", [wspy, other], "-c 50 -s 65535 --binary"),
        ("handshakes, 64 at a time", [floor, wspy, other], "-c 64 --handshakes"),
        ("TLS: 1 KiB × 100", [wspyTls, otherTls], "-c 100 -s 1024 --binary --insecure"),
        ("TLS: 64 KiB × 50", [wspyTls, otherTls], "-c 50 -s 65536 --binary --insecure"),
    ];
    Console.WriteLine("| work | CPU per message, Wspy | of the floor's | messages/s of the floor's | times less CPU than Kestrel | times its messages/s |");
    Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
    bool isWarm = false;
    foreach ((string name, Server[] servers, string load) in rows)
    {
        if (words.Length == 0 || words.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase)))
        {
            if (!isWarm)
            {
                // Tiered compilation wants to see some work before it is measured.
                Bench([floor, wspy, other], "-c 100 -s 20 -w 16 --binary --warmup 1 -d 8 --rounds 1");
                isWarm = true;
            }

            Figures[] figures = Bench(servers, $"{load} --warmup 0.3 -d 1 --rounds {rounds}");
            Figures? lowest = servers[0] == floor ? figures[0] : null;
            Figures own = figures[^2], kestrels = figures[^1];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {own.Cpu:0.###} µs | {Ratio(lowest?.Cpu / own.Cpu)} | {Ratio(own.PerSecond / lowest?.PerSecond)} | {kestrels.Cpu / own.Cpu:0.0} | {own.PerSecond / kestrels.PerSecond:0.0} |"));
        }
    }

    if (words.Length == 0 || words.Contains("loops", StringComparer.OrdinalIgnoreCase))
    {
        Console.WriteLine();
        // What a second thread costs the floor is the system's: messages come in smaller batches, and threads wake each other.
        Console.WriteLine("| loops: two on two processors, the client on the same | CPU per message | of one loop's | floor: of one thread's | messages/s of one loop's | floor: of one thread's |");
        Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
        foreach (string load in (string[])["-c 100 -s 20 -w 1 --binary", "-c 100 -s 20 -w 16 --binary", "-c 100 -s 16384 --binary"])
        {
            Figures[] figures = Bench([oneLoop, twoLoops, oneThread, twoThreads], $"{load} --warmup 1 -d 1 --rounds {rounds}", Both);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| `{load}` | {figures[1].Cpu:0.###} µs | {Ratio(figures[1].Cpu / figures[0].Cpu)} | {Ratio(figures[3].Cpu / figures[2].Cpu)} | {Ratio(figures[1].PerSecond / figures[0].PerSecond)} | {Ratio(figures[3].PerSecond / figures[2].PerSecond)} |"));
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

Figures[] Bench(Server[] servers, string load, string processors = ClientOnly)
{
    string report = $"{work}/report.json";
    string[] command =
    [
        "-c", processors, "dotnet", $"{root}/src/Wspy.Tool/bin/Release/net10.0/Wspy.Tool.dll", "bench", servers[0].Url, .. load.Split(' '),
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
        .Select(median => new Figures(median.GetProperty("perSecond").GetDouble(), median.GetProperty("serverCpu").GetDouble()))];
}

Server Start(string processors, int port, bool secure, string program, params string[] arguments)
{
    Process process = Process.Start(new ProcessStartInfo("taskset", ["-c", processors, program, .. arguments]) { WorkingDirectory = root })!;
    started.Add(process);
    return new Server($"{(secure ? "wss" : "ws")}://127.0.0.1:{port}/", process);
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

static string Ratio(double? ratio) => ratio is { } number ? number.ToString("0.00", CultureInfo.InvariantCulture) : "";

static string Root([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;

internal sealed record Server(string Url, Process Process);

internal sealed record Figures(double PerSecond, double Cpu);
