// Measures how long `wspy echo` takes from its start to the first echoed message, as a native program (NativeAOT) and on the runtime:
//   dotnet run bench/startup.cs                     ten runs each, about three minutes with publishing
//   dotnet run bench/startup.cs -- --runs 20
//   dotnet run bench/startup.cs -- --native FILE   with a native program that was published before
// Publishing as a native program needs clang or gcc and zlib's headers (apt-get install clang zlib1g-dev).
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

const int Port = 9321;
string root = Root();
int runs = Array.IndexOf(args, "--runs") is >= 0 and int at ? int.Parse(args[at + 1], CultureInfo.InvariantCulture) : 10;
string? native = Array.IndexOf(args, "--native") is >= 0 and int given ? args[given + 1] : null;
string work = Directory.CreateTempSubdirectory("wspy-startup-").FullName;
try
{
    if (native is null)
    {
        Do("dotnet", "publish", "src/Wspy.Tool", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-p:PublishAot=true", "-v", "quiet", "-o", $"{work}/aot");
        native = $"{work}/aot/wspy";
    }

    Do("dotnet", "build", "src/Wspy.Tool", "-c", "Release", "-v", "quiet");
    (string Name, string[] Command)[] programs =
    [
        ("NativeAOT", [native]),
        ("JIT", ["dotnet", $"{root}/src/Wspy.Tool/bin/Release/net10.0/Wspy.Tool.dll"]),
    ];
    Console.WriteLine("| `wspy echo` | from exec to the first echo, median | fastest | slowest |");
    Console.WriteLine("| --- | --- | --- | --- |");
    foreach ((string name, string[] command) in programs)
    {
        // The first run reads the files from the disk.
        Measure(command);
        double[] times = [.. Enumerable.Range(0, runs).Select(_ => Measure(command)).Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {times[times.Length / 2]:0} ms | {times[0]:0} ms | {times[^1]:0} ms |"));
    }
}
finally
{
    Directory.Delete(work, recursive: true);
}

double Measure(string[] command)
{
    var start = new ProcessStartInfo(command[0], [.. command.Skip(1), "echo", "--port", $"{Port}", "--quiet"]) { RedirectStandardOutput = true };
    long began = Stopwatch.GetTimestamp();
    using Process process = Process.Start(start)!;
    try
    {
        using Socket socket = Connect(process);
        socket.Send(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        byte[] buffer = new byte[1024];
        int count = 0;
        do
        {
            count += Receive(socket, buffer.AsSpan(count));
        }
        while (!buffer.AsSpan(0, count).EndsWith("\r\n\r\n"u8));

        // "x", masked with a key of zeros.
        socket.Send([0x81, 0x81, 0, 0, 0, 0, (byte)'x']);
        for (count = 0; count < 3;)
        {
            count += Receive(socket, buffer.AsSpan(count));
        }

        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
    finally
    {
        process.Kill();
        process.WaitForExit();
    }
}

// Tried again at once until somebody listens, which takes no time that would matter.
static Socket Connect(Process process)
{
    while (true)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Connect("127.0.0.1", Port);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            if (process.HasExited)
            {
                throw new InvalidOperationException($"The server ended with {process.ExitCode}.");
            }

            Thread.Sleep(1);
        }
    }
}

static int Receive(Socket socket, Span<byte> buffer) => socket.Receive(buffer) is > 0 and int count ? count : throw new InvalidOperationException("The server ended the connection.");

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
