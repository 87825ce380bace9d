using System.Text;
using Wspy.Extensions;
using Wspy.Tests.Connections;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>A hostile server of a client with compression: the connection ends with the right code, and nothing is left behind.</summary>
public class HostileCompressionTests
{
    public static TheoryData<ClientKind, string> Attacks => new MatrixTheoryData<ClientKind, string>(
        ClientKinds.All.Select(row => row.Data).ToArray(), HostileCompression.Kinds.Select(row => row.Data).ToArray());

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task An_attack_ends_the_connection_and_leaves_nothing_behind(ClientKind client, string kind)
    {
        var memory = new DeflateMemory(16 << 20, maxPooled: 0);
        (byte[] bytes, CloseCode code) = HostileCompression.Make(kind, WebSocketRole.Server);
        string answer = ScriptedServer.Upgrade + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" + Encoding.Latin1.GetString(bytes);
        await using var server = new ScriptedServer(_ => answer);
        var options = new ClientOptions
        {
            MaxMessageSize = HostileCompression.MaxMessageSize,
            MaxFragments = HostileCompression.MaxFragments,
            CloseTimeout = TimeSpan.FromMilliseconds(50),
            Extensions = [new DeflateMessage(new DeflateMessageOptions { Memory = memory, MaxRatio = kind == "a ratio" ? 100 : 1100 })],
        };
        CloseInfo info;
        switch (client)
        {
            case ClientKind.Blocking:
                info = await Link.OnThread(() =>
                {
                    using Connection connection = Connection.Connect(server.Url, options);
                    return Assert.Throws<ConnectionClosedException>(() => connection.Receive()).CloseInfo;
                });
                break;
            case ClientKind.Async:
            {
                await using Connection connection = await Connection.ConnectAsync(server.Url, options).AsTask().WaitAsync(Link.Limit);
                info = (await Assert.ThrowsAsync<ConnectionClosedException>(() => connection.ReceiveAsync().AsTask().WaitAsync(Link.Limit))).CloseInfo;
                break;
            }

            default:
            {
                await using ConnectionLoop loop = ClientKinds.NewLoop(client);
                await using var connection = new TestConnection();
                await connection.ConnectAsync(server.Url, options, loop).AsTask().WaitAsync(Link.Limit);
                info = await connection.Ended.WaitAsync(Link.Limit);
                break;
            }
        }

        Assert.Equal((code, CloseInitiator.Local), (info.Code, info.Initiator));
        Assert.NotNull(info.Exception);
        Assert.Equal(0, memory.Used);
    }

    // HARDENING: an answer with a wrong window crashes; see the fuzzed answers for all others.
    [Theory]
    [InlineData("permessage-deflate; server_max_window_bits=1000")]
    [InlineData("permessage-deflate; server_max_window_bits=7")]
    [InlineData("permessage-deflate; server_max_window_bits=\"\"")]
    [InlineData("permessage-deflate; client_max_window_bits")]
    [InlineData("permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate; unknown")]
    [InlineData("permessage-deflate, permessage-deflate")]
    [InlineData("permessage-deflate, never-offered")]
    public async Task An_answer_that_does_not_fit_fails_the_opening_and_leaves_nothing_behind(string extensions)
    {
        foreach (ClientKind client in (ClientKind[])[ClientKind.Blocking, ClientKind.Async, ClientKind.Portable])
        {
            var memory = new DeflateMemory(16 << 20);
            await using var server = new ScriptedServer(_ => $"{ScriptedServer.Upgrade}Sec-WebSocket-Extensions: {extensions}\r\n\r\n");
            await client.FailAsync<HandshakeException>(server.Url, new ClientOptions { Extensions = [new DeflateMessage(new DeflateMessageOptions { Memory = memory })] });
            Assert.Equal(0, memory.Used);
        }
    }
}
