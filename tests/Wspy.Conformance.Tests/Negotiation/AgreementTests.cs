using Wspy.Conformance.Negotiation;

namespace Wspy.Conformance.Tests.Negotiation;

public sealed class AgreementTests
{
    [Theory]
    [InlineData("permessage-deflate", "permessage-deflate")]
    [InlineData("permessage-deflate", "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits=9")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=8")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=10")]
    [InlineData("permessage-deflate; client_max_window_bits=\"10\"", "permessage-deflate; client_max_window_bits=9")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=\"10\"")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=8")]
    [InlineData("permessage-deflate; unknown, permessage-deflate", "permessage-deflate")]
    [InlineData("x; y=\"z\", permessage-deflate", ",permessage-deflate ,")]
    public void An_answer_that_fits(string offer, string answer) => Assert.NotNull(Judge(offer, answer, out string problem)?.Deflate ?? throw new InvalidOperationException(problem));

    [Theory]
    [InlineData("permessage-deflate; server_no_context_takeover", "permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate")]
    [InlineData("permessage-deflate; server_max_window_bits=10", "permessage-deflate; server_max_window_bits=11")]
    [InlineData("permessage-deflate", "permessage-deflate; client_max_window_bits=15")]
    [InlineData("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits")]
    [InlineData("permessage-deflate; client_max_window_bits=10", "permessage-deflate; client_max_window_bits=11")]
    [InlineData("permessage-deflate", "permessage-deflate, permessage-deflate")]
    [InlineData("permessage-deflate", "permessage-deflate; unknown")]
    [InlineData("permessage-deflate", "permessage-deflate; server_no_context_takeover=1")]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits=08")]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits=16")]
    [InlineData("permessage-deflate", "permessage-deflate; server_max_window_bits")]
    [InlineData("permessage-deflate", "permessage-deflate; server_no_context_takeover; server_no_context_takeover")]
    [InlineData("permessage-deflate", "permessage-deflate;")]
    [InlineData("permessage-deflate", "")]
    [InlineData("permessage-deflate", "x-webkit-deflate-frame")]
    [InlineData("permessage-deflate; unknown", "permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits=16", "permessage-deflate; client_max_window_bits=15")]
    [InlineData("x-unknown", "x-unknown")]
    public void An_answer_that_does_not_fit(string offer, string answer)
    {
        Assert.Null(Judge(offer, answer, out string problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void No_answer_declines_all() => Assert.Null(Agreement.Judge(ExtensionList.Parse(["permessage-deflate"])!, [], out _)!.Deflate);

    [Fact]
    public void The_offer_that_was_taken_is_told() => Assert.Equal(1, Judge("permessage-deflate; server_max_window_bits=10, permessage-deflate", "permessage-deflate", out _)!.Offer);

    private static Agreement? Judge(string offer, string answer, out string problem) => Agreement.Judge(ExtensionList.Parse([offer])!, [answer], out problem);
}
