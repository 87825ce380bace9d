using Wspy.Compression;
using Wspy.Extensions;

namespace Wspy.Tests.Extensions;

public class DeflateFrameTests
{
    // draft-tyoshino-hybi-websocket-perframe-deflation-06 §4: a parameter is a demand on whoever receives it

    [Theory]
    [InlineData("deflate-frame", 15, true)]
    [InlineData("x-webkit-deflate-frame", 15, true)]
    [InlineData("deflate-frame; max_window_bits=8", 8, true)]
    [InlineData("deflate-frame; no_context_takeover", 15, false)]
    [InlineData("x-webkit-deflate-frame; no_context_takeover; max_window_bits=11", 11, false)]
    public void A_demand_is_kept_by_either_role(string offer, int window, bool takeover)
    {
        var extension = new DeflateFrame();
        ExtensionAcceptance? acceptance = extension.Accept(Parse(offer));

        Assert.Equal(Parse(offer).Name, acceptance!.Answer.ToString());
        Assert.Equal((window, takeover, 15, true), ((DeflateInstance)acceptance.Instance).Terms);
        Assert.Equal((window, takeover, 15, true), ((DeflateInstance)extension.Confirm(Parse(offer))!).Terms);
        Assert.Equal(ExtensionUnit.Frame, acceptance.Instance.Unit);
    }

    [Fact]
    public void Own_demands_are_made_by_either_role()
    {
        var extension = new DeflateFrame(new DeflateFrameOptions { PeerMaxWindowBits = 9, PeerContextTakeover = false, MaxWindowBits = 12, ContextTakeover = false });

        Assert.Equal("deflate-frame; max_window_bits=9; no_context_takeover", Assert.Single(extension.CreateOffers()).ToString());
        ExtensionAcceptance? acceptance = extension.Accept(Parse("x-webkit-deflate-frame; max_window_bits=14"));
        Assert.Equal("x-webkit-deflate-frame; max_window_bits=9; no_context_takeover", acceptance!.Answer.ToString());
        Assert.Equal((12, false, 9, false), ((DeflateInstance)acceptance.Instance).Terms);
    }

    [Theory]
    [InlineData("deflate-frame; unknown")]
    [InlineData("deflate-frame; max_window_bits")]
    [InlineData("deflate-frame; max_window_bits=7")]
    [InlineData("deflate-frame; max_window_bits=16")]
    [InlineData("deflate-frame; max_window_bits=9; max_window_bits=9")]
    [InlineData("deflate-frame; no_context_takeover=1")]
    [InlineData("deflate-frame; no_context_takeover; no_context_takeover")]
    public void What_is_unknown_repeated_or_malformed_is_declined(string offer)
    {
        Assert.Null(new DeflateFrame().Accept(Parse(offer)));
        Assert.Null(new DeflateFrame().Confirm(Parse(offer)));
    }

    [Fact]
    public void The_back_end_with_one_window_declines_others() =>
        Assert.Null(new DeflateFrame(new DeflateFrameOptions { Backend = CompressionBackend.DeflateStream }).Accept(Parse("deflate-frame; max_window_bits=14")));

    [Fact]
    public void Messages_and_frames_are_not_both_compressed()
    {
        ExtensionAgreement agreement = ExtensionAgreement.Choose(
            [Parse("permessage-deflate"), Parse("deflate-frame"), Parse("x-webkit-deflate-frame")], [new DeflateFrame(), new DeflateMessage()]);

        Assert.Equal("permessage-deflate", Assert.Single(agreement.Answers).Name);
    }

    private static ExtensionOffer Parse(string text)
    {
        Assert.True(ExtensionHeader.TryParse([text], out IReadOnlyList<ExtensionOffer> offers));
        return Assert.Single(offers);
    }
}
