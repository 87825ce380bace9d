// Measures what clients that never read cost those that do: 1,000 healthy ones at a fixed rate, with and without stalled ones beside them, in
// turns, and prints both latencies:
//   dotnet run bench/stalled.cs                     three rounds, about a minute
//   dotnet run bench/stalled.cs -- --rounds 5 --stalled 10 --rate 5000
// A stalled client sends messages of 64 KiB as long as the system takes them, and never reads an answer. Linux with taskset: the server
// runs on processor 1 with one loop, the clients on processor 0. Leave the machine alone meanwhile.
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

const int Port = 9311;
string root = Root();
int rounds = Number("--rounds", 3);
int stalled = Number("--stalled", 1);
int rate = Number("--rate", 10_000);
string work = Directory.CreateTempSubdirectory("wspy-stalled-").FullName;
Process? server = null;
try
{
    Do("dotnet", "build", "-c", "Release", "-v", "quiet", "bench/Servers/Loop");
    Do("dotnet", "build", "-c", "Release", "-v", "quiet", "src/Wspy.Tool");
    server = Process.Start(new ProcessStartInfo("taskset", ["-c", "1", $"{root}/bench/Servers/Loop/bin/Release/net10.0/Loop", $"{Port}", "1"]))!;
    WaitForServer();

    // Tiered compilation wants to see some work before it is measured.
    Bench(4);
    var without = new List<Figures>();
    var with = new List<Figures>();
    for (int round = 0; round < rounds; round++)
    {
        without.Add(Bench(4));
        Stalled[] beside = [.. Enumerable.Range(0, stalled).Select(_ => new Stalled(Port))];
        with.Add(Bench(4));
        Array.ForEach(beside, static client => client.Dispose());
    }

    Figures alone = Median(without), both = Median(with);
    Console.WriteLine($"1,000 healthy clients, 20 B, {rate:N0} messages/s, medians of {rounds} rounds");
    Console.WriteLine("| stalled clients | p50 | p99 | p99.9 |");
    Console.WriteLine("| --- | --- | --- | --- |");
    Console.WriteLine(Row(0, alone));
    Console.WriteLine(Row(stalled, both));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"p99 with / without: {both.P99 / alone.P99:0.00}"));
}
finally
{
    server?.Kill();
    server?.Dispose();
    Directory.Delete(work, recursive: true);
}

Figures Bench(int seconds)
{
    string report = $"{work}/report.json";
    var start = new ProcessStartInfo(
        "taskset",
        ["-c", "0", "dotnet", $"{root}/src/Wspy.Tool/bin/Release/net10.0/Wspy.Tool.dll", "bench", $"ws://127.0.0.1:{Port}/",
            "-c", "1000", "-s", "20", "--binary", "--rate", $"{rate}", "-d", $"{seconds}", "--rounds", "1", "--json", report, "--quiet"])
    { RedirectStandardOutput = true };
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
    JsonElement median = json.RootElement.GetProperty("servers")[0].GetProperty("median");
    return new Figures(median.GetProperty("p50").GetDouble(), median.GetProperty("p99").GetDouble(), median.GetProperty("p999").GetDouble());
}

void WaitForServer()
{
    for (int i = 0; ; i++)
    {
        try
        {
            using var probe = new TcpClient("127.0.0.1", Port);
            return;
        }
        catch (SocketException) when (i < 100)
        {
            Thread.Sleep(100);
        }
    }
}

int Number(string name, int otherwise) => Array.IndexOf(args, name) is >= 0 and int at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : otherwise;

void Do(string program, params string[] arguments)
{
    using Process process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = root })!;
    process.WaitForExit();
    if (process.ExitCode != 0)
    {
        throw new InvalidOperationException($"{program} ended with {process.ExitCode}.");
    }
}

static Figures Median(List<Figures> figures) => figures.OrderBy(static one => one.P99).ElementAt(figures.Count / 2);

static string Row(int count, Figures figures) =>
    string.Create(CultureInfo.InvariantCulture, $"| {count} | {figures.P50:0} µs | {figures.P99:0} µs | {figures.P999:0} µs |");

static string Root([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;

internal sealed record Figures(double P50, double P99, double P999);

// Sends until nothing more is taken; whatever is taken later, it sends on. Never reads but the answer to its handshake.
internal sealed class Stalled : IDisposable
{
    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };

    public Stalled(int port)
    {
        _socket.Connect("127.0.0.1", port);
        _socket.Send(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        _socket.Receive(new byte[1024]);
        new Thread(Send) { IsBackground = true }.Start();
    }

    public void Dispose() => _socket.Dispose();

    private void Send()
    {
        // Masked with a key of zeros.
        byte[] message = [0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. new byte[64 * 1024]];
        try
        {
            while (true)
            {
                _socket.Send(message);
            }
        }
        catch (SocketException)
        {
            // The server gave it up, or the round is over.
        }
        catch (ObjectDisposedException)
        {
            // As above.
        }
    }
}
