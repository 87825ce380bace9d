using CsCheck;
using Wspy.Compression;
using Wspy.Extensions;

namespace Wspy.Tests.Extensions;

public class DeflateMessageTests
{
    private static readonly Gen<DeflateMessageOptions> AnyOptions = Gen.Select(Gen.Int[8, 15], Gen.Int[8, 15], Gen.Bool, Gen.Bool, Gen.Bool,
        (server, client, serverTakeover, clientTakeover, zlib) => new DeflateMessageOptions
        {
            ServerMaxWindowBits = server, ClientMaxWindowBits = client, ServerContextTakeover = serverTakeover, ClientContextTakeover = clientTakeover,
            Backend = zlib ? CompressionBackend.Zlib : CompressionBackend.DeflateStream,
        });

    private static readonly Gen<ExtensionParameter[]> AnyParameters = Gen.Select(
        Gen.OneOf<string>("server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits", "client_max_window_bits", "unknown"),
        Gen.OneOf<string?>(null, "8", "9", "12", "15", "7", "16", "08", "x", "100")).Select(pair => new ExtensionParameter(pair.Item1, pair.Item2)).Array[0, 4];

    // RFC 7692 §7.1: what a server makes of an offer

    [Theory]
    [InlineData("", "", 15, true, 15, true)]
    [InlineData("client_max_window_bits", "", 15, true, 15, true)]
    [InlineData("client_max_window_bits=10", "client_max_window_bits=10", 15, true, 10, true)]
    [InlineData("client_max_window_bits=8", "client_max_window_bits=8", 15, true, 8, true)]
    [InlineData("client_max_window_bits=15", "", 15, true, 15, true)]
    [InlineData("server_max_window_bits=15", "server_max_window_bits=15", 15, true, 15, true)]
    [InlineData("server_max_window_bits=9", "server_max_window_bits=9", 9, true, 15, true)]
    [InlineData("server_max_window_bits=8", "server_max_window_bits=8", 8, true, 15, true)]
    [InlineData("server_no_context_takeover", "server_no_context_takeover", 15, false, 15, true)]
    [InlineData("client_no_context_takeover", "client_no_context_takeover", 15, true, 15, false)]
    [InlineData("client_max_window_bits; server_no_context_takeover; server_max_window_bits=\"11\"; client_no_context_takeover",
        "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11", 11, false, 15, false)]
    public void An_offer_is_answered_with_what_was_agreed_on_RFC7692_7_1(string offer, string answer, int window, bool takeover, int peerWindow, bool peerTakeover)
    {
        ExtensionAcceptance? acceptance = new DeflateMessage().Accept(Parse(offer));

        Assert.Equal(Parse(answer).ToString(), acceptance!.Answer.ToString());
        Assert.Equal((window, takeover, peerWindow, peerTakeover), Terms(acceptance.Instance));
        Assert.Equal(ExtensionUnit.Message, acceptance.Instance.Unit);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData("server_no_context_takeover=1")]
    [InlineData("client_no_context_takeover=true")]
    [InlineData("server_no_context_takeover; server_no_context_takeover")]
    [InlineData("client_max_window_bits; client_max_window_bits")]
    [InlineData("client_max_window_bits=9; client_max_window_bits=9")]
    [InlineData("server_max_window_bits")]
    [InlineData("server_max_window_bits=7")]
    [InlineData("server_max_window_bits=16")]
    [InlineData("server_max_window_bits=010")]
    [InlineData("server_max_window_bits=1")]
    [InlineData("server_max_window_bits=+9")]
    [InlineData("client_max_window_bits=0")]
    [InlineData("client_max_window_bits=99999999999")]
    [InlineData("SERVER_NO_CONTEXT_TAKEOVER")]
    public void An_offer_with_a_parameter_that_is_unknown_repeated_or_malformed_is_declined_RFC7692_7_1(string offer)
    {
        Assert.Null(new DeflateMessage().Accept(Parse(offer)));
        Assert.Null(new DeflateMessage().Confirm(Parse(offer)));
    }

    [Fact]
    public void A_server_asks_for_what_it_wants_where_it_may_RFC7692_7_1_2_2()
    {
        var extension = new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 12, ClientMaxWindowBits = 10, ServerContextTakeover = false, ClientContextTakeover = false });

        Assert.Equal("permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12", extension.Accept(Parse(""))!.Answer.ToString());
        Assert.Equal((12, false, 10, false), Terms(extension.Accept(Parse("client_max_window_bits"))!.Instance));
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits=10",
            extension.Accept(Parse("server_max_window_bits=9; client_max_window_bits=11"))!.Answer.ToString());
    }

    [Fact]
    public void The_back_end_with_one_window_declines_others_and_does_not_offer_them()
    {
        var extension = new DeflateMessage(new DeflateMessageOptions { Backend = CompressionBackend.DeflateStream });

        Assert.Null(extension.Accept(Parse("server_max_window_bits=14")));
        Assert.Equal((15, true, 10, true), Terms(extension.Accept(Parse("server_max_window_bits=15; client_max_window_bits=10"))!.Instance));
        Assert.Equal("permessage-deflate", Assert.Single(extension.CreateOffers()).ToString());
        Assert.Null(extension.Confirm(Parse("client_max_window_bits=15")));
        Assert.Equal((15, true, 9, true), Terms(extension.Confirm(Parse("server_max_window_bits=9"))!));
    }

    // RFC 7692 §7.1: what a client offers, and takes for an answer

    [Fact]
    public void A_client_offers_what_it_wants_RFC7692_7_1()
    {
        Assert.Equal("permessage-deflate; client_max_window_bits", Assert.Single(new DeflateMessage().CreateOffers()).ToString());
        Assert.Equal(
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9",
            Assert.Single(new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 10, ClientMaxWindowBits = 9, ServerContextTakeover = false, ClientContextTakeover = false }).CreateOffers()).ToString());
    }

    [Theory]
    [InlineData("", 15, true, 15, true)]
    [InlineData("client_max_window_bits=8", 8, true, 15, true)]
    [InlineData("server_max_window_bits=8; server_no_context_takeover", 15, true, 8, false)]
    [InlineData("client_no_context_takeover", 15, false, 15, true)]
    public void An_answer_sets_the_terms_RFC7692_7_1(string answer, int window, bool takeover, int peerWindow, bool peerTakeover) =>
        Assert.Equal((window, takeover, peerWindow, peerTakeover), Terms(new DeflateMessage().Confirm(Parse(answer))!));

    [Theory]
    [InlineData("client_max_window_bits")]
    [InlineData("server_max_window_bits")]
    public void An_answer_without_the_value_it_needs_is_refused_RFC7692_7_1_2(string answer) => Assert.Null(new DeflateMessage().Confirm(Parse(answer)));

    [Fact]
    public void An_answer_that_ignores_a_demand_is_refused_RFC7692_7_1()
    {
        Assert.Null(new DeflateMessage(new DeflateMessageOptions { ServerContextTakeover = false }).Confirm(Parse("")));
        Assert.Null(new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 10 }).Confirm(Parse("")));
        Assert.Null(new DeflateMessage(new DeflateMessageOptions { ServerMaxWindowBits = 10 }).Confirm(Parse("server_max_window_bits=11")));
    }

    [Fact]
    public void Two_ends_of_any_options_agree_on_the_same_terms() => Gen.Select(AnyOptions, AnyOptions).Sample((server, client) =>
    {
        var clients = new DeflateMessage(client);
        ExtensionAcceptance? acceptance = new DeflateMessage(server).Accept(Assert.Single(clients.CreateOffers()));
        if (acceptance is null)
        {
            // Only a window that the server cannot keep to is a reason.
            Assert.True(client.ServerMaxWindowBits < server.MinDeflateWindowBits);
            return;
        }

        (int Window, bool Takeover, int PeerWindow, bool PeerTakeover) ours = Terms(acceptance.Instance);
        ExtensionInstance? confirmed = clients.Confirm(acceptance.Answer);
        Assert.NotNull(confirmed);
        (int Window, bool Takeover, int PeerWindow, bool PeerTakeover) theirs = Terms(confirmed);
        Assert.True(ours.Window <= theirs.PeerWindow && theirs.Window <= ours.PeerWindow, $"{ours} {theirs}");
        Assert.True(ours.Takeover == theirs.PeerTakeover && (!theirs.Takeover || ours.PeerTakeover), $"{ours} {theirs}");
    }, iter: 2000);

    [Fact]
    public void No_parameters_whatever_confuse_either_end() => Gen.Select(AnyOptions, AnyParameters).Sample((options, parameters) =>
    {
        var extension = new DeflateMessage(options);
        var offer = new ExtensionOffer("permessage-deflate", parameters);
        bool flawed = parameters.DistinctBy(one => one.Name).Count() < parameters.Length
            || parameters.Any(one => one.Name == "unknown" || (one.Name.EndsWith("takeover", StringComparison.Ordinal) && one.Value is not null)
                || (one.Name.EndsWith("bits", StringComparison.Ordinal) && one.Value is not ("8" or "9" or "12" or "15") && (one.Value is not null || one.Name[0] == 's')));

        ExtensionAcceptance? acceptance = extension.Accept(offer);
        Assert.True(acceptance is null || !flawed);
        Assert.True(acceptance is not null || flawed || options.Backend == CompressionBackend.DeflateStream);
        Assert.True(extension.Confirm(offer) is null || !flawed);
    }, iter: 3000);

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Level", () => new DeflateMessageOptions { Level = 10 });
        Assert.Throws<ArgumentOutOfRangeException>("MemoryLevel", () => new DeflateMessageOptions { MemoryLevel = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("Threshold", () => new DeflateMessageOptions { Threshold = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("MaxRatio", () => new DeflateMessageOptions { MaxRatio = 0 });
        Assert.Throws<ArgumentOutOfRangeException>("ServerMaxWindowBits", () => new DeflateMessageOptions { ServerMaxWindowBits = 7 });
        Assert.Throws<ArgumentOutOfRangeException>("ClientMaxWindowBits", () => new DeflateMessageOptions { ClientMaxWindowBits = 16 });
    }

    private static ExtensionOffer Parse(string parameters)
    {
        Assert.True(ExtensionHeader.TryParse(["permessage-deflate" + (parameters.Length > 0 ? "; " + parameters : "")], out IReadOnlyList<ExtensionOffer> offers));
        return Assert.Single(offers);
    }

    private static (int Window, bool Takeover, int PeerWindow, bool PeerTakeover) Terms(ExtensionInstance instance) => ((DeflateInstance)instance).Terms;
}
