using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>The ways in which a client is driven. Every way to a server is the same on all of them.</summary>
public enum ClientKind
{
    Blocking,
    Async,
    Epoll,
    Portable,
}

internal static class ClientKinds
{
    public static TheoryData<ClientKind> All => [ClientKind.Blocking, ClientKind.Async, ClientKind.Epoll, ClientKind.Portable];

    /// <summary>A text and a message larger than any buffer, there and back, and an orderly end.</summary>
    public static async Task EchoAsync(this ClientKind kind, string url, ClientOptions options, int size = 300_000)
    {
        byte[] large = new byte[size];
        new Random(1).NextBytes(large);
        switch (kind)
        {
            case ClientKind.Blocking:
                await Link.OnThread(() =>
                {
                    using Connection connection = Connection.Connect(url, options);
                    connection.Send("text");
                    Assert.Equal("text", connection.Receive()!.ToString());
                    connection.Send(large);
                    Assert.Equal(large, connection.Receive()!.Payload.ToArray());
                    connection.Close();
                });
                break;
            case ClientKind.Async:
            {
                await using Connection connection = await Connection.ConnectAsync(url, options).AsTask().WaitAsync(Link.Limit);
                await connection.SendAsync("text");
                Assert.Equal("text", (await connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit))!.ToString());
                await connection.SendAsync(large);
                Assert.Equal(large, (await connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit))!.Payload.ToArray());
                await connection.CloseAsync();
                break;
            }

            default:
            {
                await using ConnectionLoop loop = NewLoop(kind);
                await using var connection = new TestConnection();
                await connection.ConnectAsync(url, options, loop).AsTask().WaitAsync(Link.Limit);
                connection.Send("text");
                Assert.Equal("text", (await connection.ReceiveAsync()).ToString());
                await connection.SendAsync(large);
                Assert.Equal(large, (await connection.ReceiveAsync()).Payload.ToArray());
                await connection.CloseAsync();
                Assert.True((await connection.Ended.WaitAsync(Link.Limit)).WasClean);
                break;
            }
        }
    }

    public static async Task<T> FailAsync<T>(this ClientKind kind, string url, ClientOptions options, CancellationToken cancellationToken = default)
        where T : Exception
    {
        switch (kind)
        {
            case ClientKind.Blocking:
                return await Assert.ThrowsAnyAsync<T>(() => Link.OnThread(() => WebSocket.Connect(url, options)));
            case ClientKind.Async:
                return await Assert.ThrowsAnyAsync<T>(() => WebSocket.ConnectAsync(url, options, cancellationToken).AsTask().WaitAsync(Link.Limit));
            default:
                await using (ConnectionLoop loop = NewLoop(kind))
                {
                    var connection = new TestConnection();
                    T failed = await Assert.ThrowsAnyAsync<T>(() => connection.ConnectAsync(url, options, loop, cancellationToken).AsTask().WaitAsync(Link.Limit));
                    Assert.Empty(connection.Calls);
                    return failed;
                }
        }
    }

    public static ConnectionLoop NewLoop(ClientKind kind)
    {
        Assert.SkipWhen(kind == ClientKind.Epoll && !OperatingSystem.IsLinux(), "Only Linux has epoll.");
        return new ConnectionLoop(new ConnectionLoopOptions { Poller = kind == ClientKind.Epoll ? PollerKind.Epoll : PollerKind.Portable });
    }
}
