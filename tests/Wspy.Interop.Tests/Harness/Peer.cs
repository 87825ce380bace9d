using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Wspy.Interop.Tests.Harness;

/// <summary>A peer that is a process of its own: it ends with this object, and its output is kept for messages of failure.</summary>
internal sealed class Peer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly Lock _gate = new();
    private readonly Task _read;

    /// <param name="line">Called with each line of the standard output, in order.</param>
    /// <param name="errorLine">The same for the standard error.</param>
    private Peer(ProcessStartInfo start, Action<string>? line, Action<string>? errorLine = null)
    {
        // Peers end when their standard input does, so that none outlives a test run that was killed.
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _read = Task.WhenAll(ReadAsync(_process.StandardOutput, line), ReadAsync(_process.StandardError, errorLine));
    }

    public int Id => _process.Id;

    /// <summary>All that it printed until now, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Starts a program; returns once it has printed "listening PORT", with that port.</summary>
    /// <param name="line">Called with each line of the standard output, in order.</param>
    /// <exception cref="PeerException">It ended or took more than 90 s.</exception>
    public static async Task<(Peer Peer, int Port)> ListenAsync(ProcessStartInfo start, Action<string>? line = null)
    {
        var listening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var peer = new Peer(start, text =>
        {
            if (text.StartsWith("listening ", StringComparison.Ordinal))
            {
                listening.TrySetResult(int.Parse(text["listening ".Length..], provider: null));
            }
            else
            {
                line?.Invoke(text);
            }
        });

        await Task.WhenAny(listening.Task, peer._read, Task.Delay(Patience));
        if (listening.Task.IsCompletedSuccessfully)
        {
            return (peer, await listening.Task);
        }

        await peer.DisposeAsync();
        throw new PeerException(start, "did not come to listen", peer.Output);
    }

    /// <summary>Starts a program; returns once a line of either stream says that it is ready.</summary>
    /// <exception cref="PeerException">It ended or took more than 90 s.</exception>
    public static async Task<Peer> StartAsync(ProcessStartInfo start, Func<string, bool> isReady)
    {
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(string line)
        {
            if (isReady(line))
            {
                ready.TrySetResult();
            }
        }

        var peer = new Peer(start, Look, Look);
        await Task.WhenAny(ready.Task, peer._read, Task.Delay(Patience));
        if (ready.Task.IsCompleted)
        {
            return peer;
        }

        await peer.DisposeAsync();
        throw new PeerException(start, "did not become ready", peer.Output);
    }

    /// <summary>Starts a program that says nothing when it listens; returns once its port can be connected to.</summary>
    /// <exception cref="PeerException">It ended or took more than 90 s.</exception>
    public static async Task<Peer> ServeAsync(ProcessStartInfo start, int port)
    {
        var peer = new Peer(start, null);
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; Environment.TickCount64 < end && !peer._process.HasExited;)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return peer;
            }
            catch (SocketException)
            {
                // Not yet.
                await Task.WhenAny(peer._read, Task.Delay(20));
            }
        }

        await peer.DisposeAsync();
        throw new PeerException(start, $"did not come to listen on port {port}", peer.Output);
    }

    /// <summary>Runs a program to its end and reads the last line it printed as JSON.</summary>
    /// <exception cref="PeerException">It took more than 90 s, or that line is no such JSON.</exception>
    public static async Task<TReport> ReportAsync<TReport>(ProcessStartInfo start)
    {
        string last = "";
        await using var peer = new Peer(start, text => last = text);
        if (await Task.WhenAny(peer._read, Task.Delay(Patience)) != peer._read)
        {
            throw new PeerException(start, $"did not end within {Patience.TotalSeconds} s", peer.Output);
        }

        try
        {
            return JsonSerializer.Deserialize<TReport>(last, JsonSerializerOptions.Web) ?? throw new PeerException(start, "reported nothing", peer.Output);
        }
        catch (JsonException e)
        {
            throw new PeerException(start, $"printed no report ({e.Message})", peer.Output);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="start">The program.</param>
    /// <param name="input">What it reads from its standard input.</param>
    /// <param name="endsInput">Whether that ends then.</param>
    /// <returns>All that it printed, both streams, and its exit code.</returns>
    /// <exception cref="PeerException">It took more than 90 s.</exception>
    public static async Task<(string Output, int ExitCode)> RunAsync(ProcessStartInfo start, string input = "", bool endsInput = true)
    {
        await using var peer = new Peer(start, null);
        try
        {
            await peer._process.StandardInput.WriteAsync(input);
            if (endsInput)
            {
                peer._process.StandardInput.Close();
            }
            else
            {
                await peer._process.StandardInput.FlushAsync();
            }
        }
        catch (IOException)
        {
            // It did not want to read all of it.
        }

        if (await Task.WhenAny(peer._read, Task.Delay(Patience)) != peer._read)
        {
            throw new PeerException(start, $"did not end within {Patience.TotalSeconds} s", peer.Output);
        }

        await peer._process.WaitForExitAsync();
        return (peer.Output, peer._process.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            // Harmless when it ends by itself in this very moment.
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        await _read;
        _process.Dispose();
    }

    private async Task ReadAsync(StreamReader reader, Action<string>? line)
    {
        while (await reader.ReadLineAsync() is { } text)
        {
            lock (_gate)
            {
                _output.AppendLine(text);
            }

            line?.Invoke(text);
        }
    }
}
