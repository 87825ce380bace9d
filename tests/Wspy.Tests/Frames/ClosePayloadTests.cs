namespace Wspy.Tests;

/// <summary>The body of a Close frame (RFC 6455 §5.5.1).</summary>
public class ClosePayloadTests
{
    [Theory]
    [InlineData("", 1005, "")]
    [InlineData("03E8", 1000, "")]
    [InlineData("0BB8 616263", 3000, "abc")]
    [InlineData("1387 E282AC", 4999, "€")]
    public void What_is_well_formed_is_read(string hex, int code, string reason)
    {
        byte[] payload = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(ClosePayloadError.None, ClosePayload.Parse(payload, out CloseCode readCode, out string readReason));
        Assert.Equal(((CloseCode)code, reason), (readCode, readReason));
        if (payload.Length > 0)
        {
            byte[] written = new byte[ControlFrame.MaxPayloadSize];
            int size = ClosePayload.Write(written, (CloseCode)code, reason);
            Assert.Equal(payload, written[..size]);
        }
    }

    [Fact]
    public void What_is_malformed_is_told_apart()
    {
        Assert.Equal(ClosePayloadError.OneByte, ClosePayload.Parse([3], out _, out _));
        Assert.Equal(ClosePayloadError.InvalidCode, ClosePayload.Parse([0x03, 0xEE, 0xFF], out CloseCode code, out string reason));
        Assert.Equal(((CloseCode)1006, ""), (code, reason));
        Assert.Equal(ClosePayloadError.InvalidReason, ClosePayload.Parse([0x03, 0xE8, 0x61, 0xC3], out code, out reason));
        Assert.Equal((CloseCode.NormalClosure, ""), (code, reason));
    }

    [Fact]
    public void Section_7_4_1_a_user_who_asks_for_1005_gets_a_body_without_a_code()
    {
        Assert.Null(ClosePayload.ToWire(CloseCode.NoStatusReceived, ""));
        Assert.Equal((CloseCode)4001, ClosePayload.ToWire((CloseCode)4001, "reason"));
        Assert.Throws<ArgumentOutOfRangeException>("code", () => ClosePayload.ToWire(CloseCode.NoStatusReceived, "reason"));
        Assert.Throws<ArgumentOutOfRangeException>("code", () => ClosePayload.ToWire(CloseCode.AbnormalClosure, ""));
        Assert.Throws<ArgumentException>("reason", () => ClosePayload.ToWire(CloseCode.NormalClosure, new string('a', 124)));
        Assert.Throws<ArgumentNullException>("reason", () => ClosePayload.ToWire(CloseCode.NoStatusReceived, null!));
    }

    [Fact]
    public void Every_reason_that_is_allowed_comes_back()
    {
        byte[] payload = new byte[ControlFrame.MaxPayloadSize];
        for (int length = 0; length <= ClosePayload.MaxReasonSize; length++)
        {
            string reason = new('r', length);
            ClosePayload.Validate(CloseCode.NormalClosure, reason);
            Assert.Equal(length + 2, ClosePayload.Write(payload, CloseCode.NormalClosure, reason));
            Assert.Equal(ClosePayloadError.None, ClosePayload.Parse(payload.AsSpan(0, length + 2), out _, out string read));
            Assert.Equal(reason, read);
        }
    }
}
