// Measures what openings that never come to an end cost those who are served: an echo client's latencies, with and without 2,000 of them beside it, in
// turns, and prints both:
//   dotnet run bench/slowloris.cs                  three rounds, about three minutes
//   dotnet run bench/slowloris.cs -- --rounds 5 --slow 2000 --rate 2000
// They are heads that drip, one byte a second, and TLS handshakes that stop after the client's hello, which the server has answered. The server ends each after
// its HandshakeTimeout of 10 s, and another one comes in its place: 200 a second. Linux with taskset: the server runs on processor 1 with one loop, the
// clients on processor 0. Leave the machine alone meanwhile.
using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

const int PlainPort = 9331, SecurePort = 9332;
string root = Root();
int rounds = Number("--rounds", 3);
int slow = Number("--slow", 2000);
int rate = Number("--rate", 2000);
string work = Directory.CreateTempSubdirectory("wspy-slowloris-").FullName;
List<Process> started = [];
try
{
    Do("dotnet", "build", "-c", "Release", "-v", "quiet", "bench/Servers/Loop");
    Do("dotnet", "build", "-c", "Release", "-v", "quiet", "src/Wspy.Tool");
    string loop = $"{root}/bench/Servers/Loop/bin/Release/net10.0/Loop";
    Do(loop, "--write-certificate", $"{work}/certificate.pfx");
    Start(loop, $"{PlainPort}", "1");
    Start(loop, $"{SecurePort}", "1", "--certificate", $"{work}/certificate.pfx");
    byte[] head = Encoding.ASCII.GetBytes(
        "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    (string Name, string Url, int Port, byte[] Hello, bool Drips)[] rows =
    [
        ("heads, a byte a second", $"ws://127.0.0.1:{PlainPort}/", PlainPort, head, true),
        ("TLS handshakes that stop", $"wss://127.0.0.1:{SecurePort}/", SecurePort, Hello(), false),
    ];
    Console.WriteLine($"100 clients, 20 B, {rate:N0} messages/s, medians of {rounds} rounds");
    Console.WriteLine($"| {slow:N0} openings | p50 without | with | p99 without | with | with / without |");
    Console.WriteLine("| --- | --- | --- | --- | --- | --- |");
    foreach ((string name, string url, int port, byte[] hello, bool drips) in rows)
    {
        // Tiered compilation wants to see some work before it is measured.
        WaitForServer(port);
        Bench(url);
        var without = new List<Figures>();
        var with = new List<Figures>();
        for (int round = 0; round < rounds; round++)
        {
            without.Add(Bench(url));
            using var crowd = new Crowd(port, slow, hello, drips);
            crowd.WaitUntilWhole();
            with.Add(Bench(url));
        }

        Figures alone = Median(without), both = Median(with);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name} | {alone.P50:0} µs | {both.P50:0} µs | {alone.P99:0} µs | {both.P99:0} µs | {both.P99 / alone.P99:0.00} |"));
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

Figures Bench(string url)
{
    string report = $"{work}/report.json";
    var start = new ProcessStartInfo(
        "taskset",
        ["-c", "0", "dotnet", $"{root}/src/Wspy.Tool/bin/Release/net10.0/Wspy.Tool.dll", "bench", url,
            "-c", "100", "-s", "20", "--binary", "--rate", $"{rate}", "-d", "4", "--rounds", "1", "--insecure", "--json", report, "--quiet"])
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
    return new Figures(median.GetProperty("p50").GetDouble(), median.GetProperty("p99").GetDouble());
}

// What a client of TLS says first.
static byte[] Hello()
{
    var said = new Listening();
    using var tls = new SslStream(said);
    try
    {
        tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "localhost" });
    }
    catch (IOException)
    {
        // Nobody answers.
    }

    return said.ToArray();
}

void Start(string program, params string[] arguments) =>
    started.Add(Process.Start(new ProcessStartInfo("taskset", ["-c", "1", program, .. arguments]) { WorkingDirectory = root })!);

void WaitForServer(int port)
{
    for (int i = 0; ; i++)
    {
        try
        {
            using var probe = new TcpClient("127.0.0.1", port);
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

static string Root([CallerFilePath] string path = "") => Path.GetDirectoryName(Path.GetDirectoryName(path))!;

internal sealed record Figures(double P50, double P99);

// A stream that keeps what is written, and at whose other end nobody is.
internal sealed class Listening : MemoryStream
{
    public override int Read(Span<byte> buffer) => throw new IOException();

    public override int Read(byte[] buffer, int offset, int count) => throw new IOException();
}

// So many connections at all times, which begin evenly over the time that the server gives them.
internal sealed class Crowd : IDisposable
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(10);

    private readonly int _port;
    private readonly byte[] _hello;
    private readonly bool _drips;
    private readonly Socket?[] _sockets;
    private readonly int[] _sent;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly TaskCompletionSource _isWhole = new();
    private readonly Thread _thread;
    private volatile bool _ends;

    public Crowd(int port, int count, byte[] hello, bool drips)
    {
        (_port, _hello, _drips) = (port, hello, drips);
        _sockets = new Socket?[count];
        _sent = new int[count];
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public void WaitUntilWhole() => _isWhole.Task.Wait();

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        Array.ForEach(_sockets, static socket => socket?.Dispose());
    }

    // Each has its turn once a second, one after the other.
    private void Run()
    {
        long began = Stopwatch.GetTimestamp();
        for (long turn = 0; !_ends; turn++)
        {
            TimeSpan due = turn * TimeSpan.FromSeconds(1) / _sockets.Length;
            while (Stopwatch.GetElapsedTime(began) < due)
            {
                Thread.Sleep(1);
            }

            // Within a second of ten, one connection of ten is made; each of them lives for ten.
            int index = (int)(turn % _sockets.Length);
            if (_sockets[index] is null && index % (int)Life.TotalSeconds > due.TotalSeconds)
            {
                continue;
            }

            Act(index);
            if (turn == _sockets.Length * (long)Life.TotalSeconds)
            {
                _isWhole.SetResult();
            }
        }
    }

    private void Act(int index)
    {
        Socket? socket = _sockets[index];
        try
        {
            if (socket is null || (socket.Available == 0 ? socket.Poll(0, SelectMode.SelectRead) : socket.Receive(_buffer) == 0))
            {
                socket?.Dispose();
                socket = _sockets[index] = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Connect("127.0.0.1", _port);
                _sent[index] = 0;
            }

            int count = _drips ? 1 : _hello.Length;
            if (_sent[index] < _hello.Length)
            {
                _sent[index] += socket.Send(_hello, _sent[index], count, SocketFlags.None);
            }
        }
        catch (SocketException)
        {
            // Ended by the server: another one comes with its next turn.
            socket?.Dispose();
            _sockets[index] = null;
        }
    }
}
