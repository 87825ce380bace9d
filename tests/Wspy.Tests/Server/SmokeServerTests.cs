using System.Net.WebSockets;

namespace Wspy.Tests.ServerTests;

public class SmokeServerTests
{
    private sealed class EchoServer(ServerOptions options) : Wspy.Server(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }

    [Fact]
    public async Task Echo_over_tcp()
    {
        await using var server = new EchoServer(new ServerOptions { Port = 0 });
        server.Start();
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.EndPoint.Port}/"), TestContext.Current.CancellationToken);
        foreach (int size in new[] { 0, 1, 125, 126, 65535, 65536, 1 << 20 })
        {
            byte[] data = new byte[size];
            Random.Shared.NextBytes(data);
            await client.SendAsync(data, WebSocketMessageType.Binary, true, TestContext.Current.CancellationToken);
            byte[] back = new byte[size + 10];
            int n = 0;
            while (true)
            {
                var r = await client.ReceiveAsync(back.AsMemory(n), TestContext.Current.CancellationToken);
                n += r.Count;
                if (r.EndOfMessage) break;
            }

            Assert.True(back.AsSpan(0, n).SequenceEqual(data));
        }

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", TestContext.Current.CancellationToken);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);

        using var own = Connection.Connect($"ws://127.0.0.1:{server.EndPoint.Port}/");
        own.Send("hello");
        Assert.Equal("hello", ((TextMessage)own.Receive()).Text);
        own.Send(new byte[300_000]);
        Assert.Equal(300_000, own.Receive().Payload.Length);
        await using Connection other = await Connection.ConnectAsync($"ws://127.0.0.1:{server.EndPoint.Port}/");
        await other.SendAsync("there");
        Assert.Equal("there", ((TextMessage)await other.ReceiveAsync()).Text);
        await server.StopAsync();
        var ended = await Assert.ThrowsAsync<ConnectionClosedException>(async () => await other.ReceiveAsync());
        Assert.Equal(CloseCode.GoingAway, ended.CloseInfo.Code);
        own.Close();
    }
}
