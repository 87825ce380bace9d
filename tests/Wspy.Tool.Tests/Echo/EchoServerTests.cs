using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Wspy.Tool.Echo;

namespace Wspy.Tool.Tests.Echo;

public abstract class EchoServerTests : IDisposable
{
    private readonly EchoServerFixture _server;

    private protected EchoServerTests(EchoEngine engine) => _server = new EchoServerFixture(engine);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/chat?id=nobody")]
    [InlineData("/getCaseCount?agent=x")]
    public async Task A_plain_client_gets_its_messages_back_and_nothing_else(string path)
    {
        using ClientWebSocket client = await _server.ConnectAsync(path, Cancelled);

        await client.SendAsync("text"u8.ToArray(), WebSocketMessageType.Text, true, Cancelled);
        await client.SendAsync(new byte[] { 1, 2, 3 }, WebSocketMessageType.Binary, true, Cancelled);

        Assert.Equal((WebSocketMessageType.Text, "text"), await ReceiveAsync(client));
        Assert.Equal((WebSocketMessageType.Binary, "\u0001\u0002\u0003"), await ReceiveAsync(client));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Cancelled);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
    }

    [Fact]
    public async Task The_events_channel_tells_what_happens_on_the_watched_connection()
    {
        using ClientWebSocket events = await _server.ConnectAsync("/events?id=me", Cancelled);
        Assert.Equal("watching", await NextEventAsync(events));
        using ClientWebSocket client = await _server.ConnectAsync("/?id=me", Cancelled);
        Assert.Equal("open", await NextEventAsync(events));

        await client.SendAsync("Hello"u8.ToArray(), WebSocketMessageType.Text, true, Cancelled);
        JsonElement message = await EventAsync(events);
        Assert.Equal("message", message.GetProperty("event").GetString());
        Assert.Equal("text", message.GetProperty("opcode").GetString());
        Assert.Equal(5, message.GetProperty("size").GetInt32());
        Assert.Equal((WebSocketMessageType.Text, "Hello"), await ReceiveAsync(client));

        // ClientWebSocket answers a ping while it receives.
        Task<(WebSocketMessageType, string)> receiving = ReceiveAsync(client);
        await CommandAsync(events, """{"command":"ping","payload":"there?"}""");
        Assert.Equal("ping sent", await NextEventAsync(events));
        JsonElement pong = await EventAsync(events);
        Assert.Equal("pong", pong.GetProperty("event").GetString());
        Assert.Equal("there?", pong.GetProperty("payload").GetString());
        Assert.True(pong.GetProperty("roundTrip").GetDouble() > 0);

        await CommandAsync(events, """{"command":"close","code":4001,"reason":"enough"}""");
        Assert.Equal("close sent", await NextEventAsync(events));
        Assert.Equal((WebSocketMessageType.Close, ""), await receiving);
        Assert.Equal(4001, (int?)client.CloseStatus);
        await client.CloseOutputAsync((WebSocketCloseStatus)4001, "enough", Cancelled);
        JsonElement close = await EventAsync(events);
        Assert.Equal("close", close.GetProperty("event").GetString());
        Assert.Equal(4001, close.GetProperty("code").GetInt32());
        Assert.Equal("the server", close.GetProperty("initiator").GetString());
        Assert.True(close.GetProperty("clean").GetBoolean());
    }

    [Theory]
    [InlineData("not JSON", "takes JSON objects")]
    [InlineData("null", "takes JSON objects")]
    [InlineData("""{"command":"dance"}""", "No such command: dance.")]
    [InlineData("""{"command":"ping"}""", "There is no connection to ping.")]
    [InlineData("""{"command":"close"}""", "There is no connection to close.")]
    [InlineData("""{"command":"close","code":1006}""", "1006 may not stand in a Close frame")]
    [InlineData("""{"command":"close","code":67536}""", "67536 may not stand in a Close frame")]
    [InlineData("""{"command":"close","code":-1}""", "-1 may not stand in a Close frame")]
    public async Task A_command_that_cannot_be_obeyed_is_answered_with_an_error(string command, string expected)
    {
        using ClientWebSocket events = await _server.ConnectAsync("/events?id=me", Cancelled);
        Assert.Equal("watching", await NextEventAsync(events));

        await CommandAsync(events, command);

        JsonElement error = await EventAsync(events);
        Assert.Equal("error", error.GetProperty("event").GetString());
        Assert.Contains(expected, error.GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_a_control_frame_is_not_sent() // RFC 6455 §5.5
    {
        using ClientWebSocket events = await _server.ConnectAsync("/events?id=me", Cancelled);
        Assert.Equal("watching", await NextEventAsync(events));
        using ClientWebSocket client = await _server.ConnectAsync("/?id=me", Cancelled);
        Assert.Equal("open", await NextEventAsync(events));

        await CommandAsync(events, $$"""{"command":"ping","payload":"{{new string('ü', 63)}}"}""");
        Assert.Contains("126", (await EventAsync(events)).GetProperty("text").GetString(), StringComparison.Ordinal);
        await CommandAsync(events, $$"""{"command":"close","code":1000,"reason":"{{new string('ü', 62)}}"}""");
        Assert.Contains("124", (await EventAsync(events)).GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_events_channel_without_id_is_refused()
    {
        using ClientWebSocket events = new();
        events.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(() => events.ConnectAsync(_server.WebSocket("/events?no=id"), Cancelled));

        Assert.Equal(HttpStatusCode.BadRequest, events.HttpStatusCode);
    }

    [Fact]
    public async Task An_events_channel_that_goes_away_disturbs_no_echo()
    {
        using ClientWebSocket events = await _server.ConnectAsync("/events?id=me", Cancelled);
        Assert.Equal("watching", await NextEventAsync(events));
        using ClientWebSocket client = await _server.ConnectAsync("/?id=me", Cancelled);
        events.Abort();

        for (int i = 0; i < 20; i++)
        {
            await client.SendAsync("still here"u8.ToArray(), WebSocketMessageType.Text, true, Cancelled);
            Assert.Equal((WebSocketMessageType.Text, "still here"), await ReceiveAsync(client));
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        GC.SuppressFinalize(this);
    }

    private static Task CommandAsync(ClientWebSocket events, string json) =>
        events.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, Cancelled);

    private static async Task<string?> NextEventAsync(ClientWebSocket events) =>
        (await EventAsync(events)).GetProperty("event").GetString();

    private static async Task<JsonElement> EventAsync(ClientWebSocket events) =>
        JsonSerializer.Deserialize<JsonElement>((await ReceiveAsync(events)).Text);

    private static async Task<(WebSocketMessageType Type, string Text)> ReceiveAsync(ClientWebSocket client)
    {
        byte[] buffer = new byte[4096];
        WebSocketReceiveResult result = await client.ReceiveAsync(buffer, Cancelled).WaitAsync(TimeSpan.FromSeconds(30), Cancelled);
        Assert.True(result.EndOfMessage);
        return (result.MessageType, Encoding.UTF8.GetString(buffer, 0, result.Count));
    }
}

public sealed class LoopEchoServerTests() : EchoServerTests(EchoEngine.Loop);

public sealed class ThreadedEchoServerTests() : EchoServerTests(EchoEngine.Threads);
