using System.Net;
using System.Net.Sockets;

namespace Wspy.Conformance.Tests.Mistakes;

/// <summary>
/// A small echo server over plain sockets. Without a mistake it is correct and strict, and shares with the library no more than how a
/// head is parsed and how UTF-8 is judged; with one it does just that one thing wrong.
/// </summary>
internal sealed class MistakenServer : MistakenPeer, IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    public MistakenServer(Mistake mistake)
        : base(mistake)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Url = new Uri($"ws://{_listener.LocalEndPoint}/");
        _accepting = AcceptAsync();
    }

    public Uri Url { get; }

    public override void Die()
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
        using (socket)
        {
            await Task.Yield();
            bool alone = Mistake == Mistake.ServesOneAtATime;
            try
            {
                if (alone)
                {
                    await ForOneAtATime.WaitAsync(_stopping.Token);
                }

                socket.NoDelay = true;
                await new MistakenConnection(this, socket, PeerRole.Server, _stopping.Token).RunAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // The client has gone, or the server goes.
                if (Mistake == Mistake.DiesOnResets && e is IOException)
                {
                    Die();
                }
            }
            finally
            {
                if (alone && !_stopping.IsCancellationRequested)
                {
                    ForOneAtATime.Release();
                }
            }
        }
    }
}
