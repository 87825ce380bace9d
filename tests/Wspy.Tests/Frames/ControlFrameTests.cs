using System.Buffers;
using System.Text;

namespace Wspy.Tests;

/// <summary>Control frames (RFC 6455 §5.5).</summary>
public class ControlFrameTests
{
    [Fact]
    public void Section_5_5_control_frames_have_a_control_opcode_and_at_most_125_bytes()
    {
        foreach (int opcode in Enumerable.Range(0, 8))
        {
            Assert.Throws<ArgumentException>("opcode", () => new ControlFrame((Opcode)opcode));
        }

        foreach (int opcode in Enumerable.Range(8, 8))
        {
            var frame = new ControlFrame((Opcode)opcode, new byte[125], ReservedBits.Rsv2);
            Assert.Equal(((Opcode)opcode, true, ReservedBits.Rsv2, 125), (frame.Opcode, frame.Fin, frame.Reserved, frame.Payload.Length));
            Assert.Throws<ArgumentException>("payload", () => new ControlFrame((Opcode)opcode, new byte[126]));
        }
    }

    [Fact]
    public void Section_5_5_1_close_frames_carry_a_code_and_a_reason()
    {
        ControlFrame frame = ControlFrame.Close(CloseCode.GoingAway, "à bientôt");
        Assert.Equal([0x03, 0xE9, .. "à bientôt"u8], frame.Payload.ToArray());
        Assert.Equal((CloseCode.GoingAway, "à bientôt"), (frame.CloseCode, frame.CloseReason));
        Assert.Equal("88-02-03-E8", BitConverter.ToString(ControlFrame.Close(CloseCode.NormalClosure).ToArray()));
        Assert.Equal("88-00", BitConverter.ToString(ControlFrame.Close().ToArray()));
        Assert.Equal((CloseCode.NoStatusReceived, ""), (ControlFrame.Close().CloseCode, ControlFrame.Close().CloseReason));
    }

    [Theory]
    [InlineData("03")]
    [InlineData("03 ED")]
    [InlineData("00 00 61")]
    [InlineData("03 E8 C3")]
    public void Section_5_5_1_a_malformed_body_has_no_code_and_no_reason(string hex)
    {
        byte[] body = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(OperationStatus.Done, Frame.TryParse([0x88, (byte)body.Length, .. body], out Frame? frame, out _));
        ControlFrame close = Assert.IsType<ControlFrame>(frame);
        Assert.Null(close.CloseCode);
        Assert.Equal("", close.CloseReason);
    }

    [Fact]
    public void Pings_and_pongs_carry_their_payload_and_no_code()
    {
        byte[] payload = [0x03, 0xE8, 0x61];
        foreach (ControlFrame frame in (ControlFrame[])[ControlFrame.Ping(payload), ControlFrame.Pong(payload)])
        {
            Assert.Equal(payload, frame.Payload.ToArray());
            Assert.Null(frame.CloseCode);
            Assert.Equal("", frame.CloseReason);
        }

        Assert.Equal((Opcode.Ping, 0), (ControlFrame.Ping().Opcode, ControlFrame.Ping().Payload.Length));
        Assert.Equal((Opcode.Pong, 0), (ControlFrame.Pong().Opcode, ControlFrame.Pong().Payload.Length));
    }

    [Fact]
    public void Section_7_4_a_close_that_may_not_be_sent_is_not_built()
    {
        Assert.Throws<ArgumentOutOfRangeException>("code", () => ControlFrame.Close(CloseCode.NoStatusReceived));
        Assert.Throws<ArgumentOutOfRangeException>("code", () => ControlFrame.Close((CloseCode)999));
        Assert.Throws<ArgumentException>("reason", () => ControlFrame.Close(CloseCode.NormalClosure, new string('a', 124)));
        Assert.Throws<EncoderFallbackException>(() => ControlFrame.Close(CloseCode.NormalClosure, "\uDC00"));
        Assert.Throws<ArgumentNullException>("reason", () => ControlFrame.Close(CloseCode.NormalClosure, null!));
        Assert.Equal(125, ControlFrame.Close(CloseCode.NormalClosure, new string('a', 123)).Payload.Length);
    }
}
