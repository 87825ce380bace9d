using System.Buffers;
using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

public class EngineSmoke
{
    [Fact]
    public void Round_trip_both_roles_every_split()
    {
        byte[] text = System.Text.Encoding.UTF8.GetBytes("héllo wörld € 😀");
        var output = new ArrayBufferWriter<byte>();
        var client = new WebSocketProtocol(WebSocketRole.Client);
        client.WriteFrame(output, Opcode.Text, text.AsSpan(0, 2), fin: false);
        client.WriteFrame(output, Opcode.Ping, "hi"u8);
        client.WriteFrame(output, Opcode.Continuation, text.AsSpan(2));
        client.WriteClose(output, CloseCode.NormalClosure, "bye");
        for (int split = 0; split <= output.WrittenCount; split++)
        {
            var server = new WebSocketProtocol(WebSocketRole.Server);
            byte[] bytes = output.WrittenSpan.ToArray();
            var log = new List<string>();
            foreach (var (start, end) in new[] { (0, split), (split, bytes.Length) })
            {
                Span<byte> input = bytes.AsSpan(start, end - start);
                ProtocolEvent e;
                while ((e = server.Read(ref input)).Kind != ProtocolEventKind.None)
                {
                    log.Add($"{e.Kind} {e.Opcode} {System.Text.Encoding.UTF8.GetString(e.Payload[(e.Kind == ProtocolEventKind.Close ? 2 : 0)..])}");
                }
            }

            Assert.Equal(["Ping Ping hi", "Data Text héllo wörld € 😀", "Close Close bye"], log);
            Assert.Equal(CloseExpectation.LocalClose, server.CloseExpectation);
        }
    }
}
