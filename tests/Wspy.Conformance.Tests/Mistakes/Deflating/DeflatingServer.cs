using System.Net;
using System.Net.Sockets;

namespace Wspy.Conformance.Tests.Mistakes.Deflating;

/// <summary>
/// A small echo server with permessage-deflate over plain sockets. Without a mistake it is correct and strict; with one it does just
/// that one thing wrong. Its compression is the suite's own, which is tested against zlib.
/// </summary>
internal sealed class DeflatingServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly DeflateMistake _mistake;
    private readonly Task _accepting;

    public DeflatingServer(DeflateMistake mistake)
    {
        _mistake = mistake;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Url = new Uri($"ws://{_listener.LocalEndPoint}/");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>Held by whatever must not, and does, keep others waiting.</summary>
    public SemaphoreSlim ForOneAtATime { get; } = new(1);

    /// <summary>As a process that runs out of memory.</summary>
    public void Die()
    {
        _listener.Dispose();
        _stopping.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        Die();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server was stopped.
        }

        await Task.WhenAll(serving);
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        socket.NoDelay = true;
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await new DeflatingConnection(this, stream, _mistake, _stopping.Token).RunAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client has gone, or the server goes.
        }
    }
}
