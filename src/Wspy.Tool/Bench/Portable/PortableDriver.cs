using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench.Portable;

/// <summary>Load by the library's own asynchronous client: wss:// everywhere, and ws:// where there is no epoll.</summary>
internal sealed class PortableDriver : LoadDriver
{
    /// <summary>More at once would only wait in the server's queue, and might not fit it.</summary>
    private const int MaxOpening = 64;

    private readonly Uri _server;
    private readonly Workload _workload;
    private readonly ClientOptions _options;
    private readonly LoadDeflate _deflate;
    private readonly PortableTally _tally = new();
    private readonly PortableConnection[] _connections;

    public PortableDriver(Uri server, Workload workload)
    {
        _server = server;
        _workload = workload;
        var template = FrameTemplate.Create(workload with { Window = 1, Deflate = DeflateUse.None });
        _connections = new PortableConnection[workload.Connections + workload.Idle];
        for (int i = 0; i < _connections.Length; i++)
        {
            _connections[i] = new PortableConnection(i, i < workload.Connections ? workload.Window : 0, template, workload.Verify, _tally);
        }

        var defaults = new ClientOptions();
        _deflate = new LoadDeflate(workload.Deflate);
        _options = new ClientOptions
        {
            Extensions = _deflate.Extensions,
            MaxFrameSize = Math.Max(defaults.MaxFrameSize, workload.Size),
            MaxMessageSize = Math.Max(defaults.MaxMessageSize, workload.Size),
            ConnectTimeout = workload.Patience,
            HandshakeTimeout = workload.Patience,
            Tls = workload.AcceptAnyCertificate ? AnyCertificate() : null,
        };
    }

    public override string Name => "portable";

    public override long Count => _tally.Count;

    public override Latencies Latencies => _tally.Latencies;

    public override long Unanswered => _workload.IsPaced ? _connections.Sum(connection => connection.Unanswered) : 0;

    public override Task OpenAsync(CancellationToken cancellationToken) => Parallel.ForEachAsync(
        _connections.Skip(_workload.Handshakes ? _workload.Connections : 0),
        new ParallelOptions { MaxDegreeOfParallelism = MaxOpening, CancellationToken = cancellationToken },
        async (connection, token) => connection.Open(await ConnectAsync(token).ConfigureAwait(false)));

    public override async Task RunAsync(LoadWindow window, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long now = Stopwatch.GetTimestamp();
        end.CancelAfter(TimeSpan.FromSeconds(LoadWindow.Seconds(Math.Max(0, window.Until - now))));
        _tally.Begin(window);
        Pace? pace = _workload is { IsPaced: true, Connections: > 0 } ? new Pace(_workload.Rate, _workload.Connections, now) : null;
        Task[] tasks = [.. _connections.Select(connection => _workload.Handshakes && !connection.IsIdle
            ? GuardedAsync(() => MakeHandshakesAsync(end.Token), end)
            : GuardedAsync(() => connection.RunAsync(pace, window, end.Token), end))];
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    public override void Dispose()
    {
        foreach (PortableConnection connection in _connections)
        {
            connection.Dispose();
        }
    }

    private async Task MakeHandshakesAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            long start = Stopwatch.GetTimestamp();
            WebSocket webSocket = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            _tally.Record(start);
            webSocket.Abort();
        }
    }

    // The end of the run is no error; an error of one connection is the end of the run.
    private static async Task GuardedAsync(Func<Task> work, CancellationTokenSource end)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // As it should be.
        }
        catch (ConnectionClosedException error)
        {
            // A send that the end of the run broke off closes its connection.
            if (!end.IsCancellationRequested)
            {
                await end.CancelAsync().ConfigureAwait(false);
                throw new LoadException($"The server closed a connection: {error.CloseInfo}{(error.InnerException is { } cause ? $" ({cause.Message})" : "")}.", error);
            }
        }
        catch (LoadException)
        {
            await end.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<WebSocket> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            WebSocket webSocket = await WebSocket.ConnectAsync(_server, _options, cancellationToken).ConfigureAwait(false);
            _deflate.Check(_server, webSocket.Extensions);
            return webSocket;
        }
        catch (HandshakeException error) when (error.InnerException is AuthenticationException cause)
        {
            throw new LoadException($"{_server} failed at TLS: {cause.Message}{(_options.Tls is null ? "; --insecure takes any certificate." : "")}", error);
        }
        catch (HandshakeException error)
        {
            throw new LoadException($"{_server} refused: {error.Message}", error);
        }
        catch (SocketException error)
        {
            throw new LoadException($"{_server} cannot be reached: {error.Message}. Is the server running?", error);
        }
        catch (Exception error) when (error is IOException or TimeoutException or AuthenticationException)
        {
            throw new LoadException($"{_server} cannot be reached: {error.Message}", error);
        }
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5359", Justification = "Asked for by --insecure.")]
    private static SslClientAuthenticationOptions AnyCertificate() => new() { RemoteCertificateValidationCallback = static (_, _, _, _) => true };
}
