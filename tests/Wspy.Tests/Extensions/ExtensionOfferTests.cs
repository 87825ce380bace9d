using Wspy.Extensions;

namespace Wspy.Tests.Extensions;

public class ExtensionOfferTests
{
    [Fact]
    public void Name_and_parameters_are_kept_in_order()
    {
        var offer = new ExtensionOffer("permessage-deflate", new("client_max_window_bits"), new("server_max_window_bits", "10"));
        Assert.Equal("permessage-deflate", offer.Name);
        Assert.Equal([new("client_max_window_bits"), new("server_max_window_bits", "10")], offer.Parameters);
        Assert.Equal("permessage-deflate; client_max_window_bits; server_max_window_bits=10", offer.ToString());
    }

    [Theory]
    [InlineData("a\r\nB: c")]
    [InlineData("a b")]
    [InlineData("a\0")]
    [InlineData("ä")]
    [InlineData("")]
    [InlineData(null)]
    public void Names_and_values_are_tokens_RFC6455_9_1(string? text)
    {
        Assert.ThrowsAny<ArgumentException>(() => new ExtensionOffer(text!));
        Assert.ThrowsAny<ArgumentException>(() => new ExtensionOffer("a", new ExtensionParameter(text!)));
        if (text is not null)
        {
            Assert.ThrowsAny<ArgumentException>(() => new ExtensionOffer("a", new ExtensionParameter("b", text)));
        }
    }
}
