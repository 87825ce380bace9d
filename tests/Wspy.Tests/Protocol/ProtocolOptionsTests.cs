using Wspy.Protocol;

namespace Wspy.Tests.Protocol;

public class ProtocolOptionsTests
{
    [Fact]
    public void Defaults_are_finite_and_strict()
    {
        var options = new ProtocolOptions();
        Assert.Equal((64L << 20, 64L << 20, 131_072), (options.MaxFrameSize, options.MaxMessageSize, options.MaxFragments));
        Assert.Equal((ReservedBits.None, false, DeliveryUnit.Message, true), (options.AllowedReservedBits, options.AllowReservedOpcodes, options.Delivery, options.AnswersControlFrames));
    }

    [Fact]
    public void Limits_out_of_range_are_refused_with_their_name_and_value()
    {
        Assert.Equal(-1L, Assert.Throws<ArgumentOutOfRangeException>("MaxFrameSize", () => new ProtocolOptions { MaxFrameSize = -1 }).ActualValue);
        Assert.Equal(-1L, Assert.Throws<ArgumentOutOfRangeException>("MaxMessageSize", () => new ProtocolOptions { MaxMessageSize = -1 }).ActualValue);
        Assert.Equal(0, Assert.Throws<ArgumentOutOfRangeException>("MaxFragments", () => new ProtocolOptions { MaxFragments = 0 }).ActualValue);
        Assert.Equal(int.MinValue, Assert.Throws<ArgumentOutOfRangeException>("MaxFragments", () => new ProtocolOptions { MaxFragments = int.MinValue }).ActualValue);
    }

    [Fact]
    public void Limits_at_the_ends_of_their_ranges_are_taken()
    {
        var least = new ProtocolOptions { MaxFrameSize = 0, MaxMessageSize = 0, MaxFragments = 1 };
        Assert.Equal((0L, 0L, 1), (least.MaxFrameSize, least.MaxMessageSize, least.MaxFragments));
        var most = new ProtocolOptions { MaxFrameSize = ProtocolOptions.Unlimited, MaxMessageSize = ProtocolOptions.Unlimited, MaxFragments = int.MaxValue };
        Assert.Equal((long.MaxValue, long.MaxValue, int.MaxValue), (most.MaxFrameSize, most.MaxMessageSize, most.MaxFragments));
    }
}
