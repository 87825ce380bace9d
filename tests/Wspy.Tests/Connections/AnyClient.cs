using Wspy.Tests.ClientTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>A connection of any kind, to connect and to ask one question.</summary>
internal sealed class AnyClient : IAsyncDisposable
{
    private Connection? _connection;
    private TestConnection? _looped;
    private ConnectionLoop? _loop;

    public HttpResponseHead Response => _looped is null ? _connection!.WebSocket.Response! : _looped.Response!;

    public static async Task<AnyClient> ConnectAsync(ClientKind kind, string url, ClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = new AnyClient();
        try
        {
            switch (kind)
            {
                case ClientKind.Blocking:
                    client._connection = await Link.OnThread(() => Connection.Connect(url, options));
                    break;
                case ClientKind.Async:
                    client._connection = await Connection.ConnectAsync(url, options, cancellationToken).AsTask().WaitAsync(Link.Limit, CancellationToken.None);
                    break;
                default:
                    client._loop = ClientKinds.NewLoop(kind);
                    client._looped = new TestConnection();
                    await client._looped.ConnectAsync(url, options, client._loop, cancellationToken).AsTask().WaitAsync(Link.Limit, CancellationToken.None);
                    break;
            }
        }
        catch
        {
            if (client._looped is { } looped)
            {
                // No handler is called of what was never open.
                Assert.Empty(looped.Calls);
            }

            await client.EndAsync();
            throw;
        }

        return client;
    }

    /// <summary>Sends text, and returns what comes back.</summary>
    public async Task<string> AskAsync(string text)
    {
        if (_looped is { } looped)
        {
            looped.Send(text);
            return ((TextMessage)await looped.ReceiveAsync()).Text;
        }

        await _connection!.SendAsync(text);
        return ((TextMessage)await _connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit)).Text;
    }

    // Servers that play an opening answer no Close frame.
    public async ValueTask DisposeAsync()
    {
        _connection?.Abort();
        await EndAsync();
    }

    private async Task EndAsync()
    {
        if (_loop is { } loop)
        {
            await loop.DisposeAsync().AsTask().WaitAsync(Link.Limit);
        }
    }
}
