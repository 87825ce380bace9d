namespace Wspy.Tests.Connections;

public class ConnectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void Section_5_2_reserved_opcodes_are_for_frames_only()
    {
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(
            new ClientOptions { AllowReservedOpcodes = true }, new ServerOptions { AllowReservedOpcodes = true, CloseTimeout = TimeSpan.FromMilliseconds(100) });
        using (client)
        using (var connection = new Connection(server))
        {
            client.Send(new Frame((Opcode)3, "custom"u8.ToArray()));

            var closed = Assert.Throws<ConnectionClosedException>(() => connection.Receive(Patience));

            Assert.Equal(CloseCode.ProtocolError, closed.CloseInfo.Code);
            Assert.Equal(Wspy.Protocol.ProtocolViolation.ReservedOpcode, Assert.IsType<ProtocolException>(closed.InnerException).Violation.Kind);
        }
    }

    [Fact]
    public void Section_5_2_reserved_opcodes_pass_between_frames_that_allow_them()
    {
        (WebSocket client, WebSocket server) = WebSocket.CreatePair(
            new ClientOptions { AllowReservedOpcodes = true }, new ServerOptions { AllowReservedOpcodes = true });
        using (client)
        using (server)
        {
            client.Send(new Frame((Opcode)3, "custom"u8.ToArray()), new ControlFrame((Opcode)0xB, "control"u8.ToArray()));

            Frame[] frames = server.Receive(2);

            Assert.Equal([(Opcode)3, (Opcode)0xB], frames.Select(frame => frame.Opcode));
            Assert.Equal("custom"u8, frames[0].Payload.Span);
            client.Abort();
            server.Abort();
        }
    }
}
