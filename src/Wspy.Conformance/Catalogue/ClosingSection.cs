using System.Text;
using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>Section 7: the closing handshake.</summary>
internal sealed class ClosingSection() : CatalogueSection(7, "Closing")
{
    private static readonly int[] Legal = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999];

    private static readonly int[] Illegal = [0, 1, 2, 100, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 1999, 2000, 2999, 5000, 5001, 32768, 65535];

    protected override void Define()
    {
        Group(1, "Legal codes", "A Close frame is answered by one with the same code, and the server then ends TCP.", "RFC 6455 §5.5.1, §7.4");
        foreach (int code in Legal)
        {
            Case($"Close {code}").Close(code);
            Case($"Close {code} with a reason").Close(code, "Auf Wiedersehen, κόσμε");
        }

        Case("Close without a code", "An empty Close frame has no code to send back.", "RFC 6455 §5.5.1, §7.1.5").Close(null);

        Group(2, "Illegal codes", "Codes that are not for the wire, or have no meaning yet, fail the connection.", "RFC 6455 §7.4.1, §7.4.2");
        foreach (int code in Illegal)
        {
            Case($"Close {code}").Send(Close(code)).ExpectFailure(1002);
            Case($"Close {code} with a reason").Send(Close(code, "reason")).ExpectFailure(1002);
        }

        Group(3, "Reasons", "A reason has up to 123 bytes of UTF-8.", "RFC 6455 §5.5.1");
        foreach (int size in (int[])[1, 2, 61, 122, 123])
        {
            Case($"Reason of {size} bytes").Close(1000, Payload.Letters(size));
        }

        Case("Reason of 123 bytes in code points of 3").Close(1000, string.Concat(Enumerable.Repeat("水", 41)));
        Case("Reason of 124 bytes").Send(Close(1000, Payload.Letters(124))).ExpectFailure(1002);
        Case("Reason of 1,000 bytes").Send(Close(1000, Payload.Letters(1000))).ExpectFailure(1002);

        Malformed();
        Afterwards();
        Before();
        Ends();
    }

    private void Malformed()
    {
        Group(4, "Malformed Close frames", "The first two bytes are a code, and the rest is UTF-8.", "RFC 6455 §5.5.1, §8.1");
        for (int value = 0; value <= 255; value += 51)
        {
            Case($"Payload of one byte: {value:x2}").Send(CloseWith((byte[])[(byte)value])).ExpectFailure(1002);
        }

        foreach ((string name, byte[] bytes) in Utf8Samples.Invalid)
        {
            Case($"Reason with {name}: {Show.Hex(bytes)}").Send(Close(1000, bytes)).ExpectFailure(1007);
        }

        foreach (byte[] bytes in Utf8Samples.Incomplete)
        {
            Case($"Reason that ends in {Show.Hex(bytes)}").Send(Close(1000, (byte[])[.. "bye"u8, .. bytes])).ExpectFailure(1007);
        }

        Case("Close FIN=0", rfc: "RFC 6455 §5.5").Send(Close(1000).More).ExpectFailure(1002);
        Case("Empty Close FIN=0", rfc: "RFC 6455 §5.5").Send(CloseWith("").More).ExpectFailure(1002);
        Case("Close in two fragments", rfc: "RFC 6455 §5.5").Send(Close(1000).More, Continuation("reason")).ExpectFailure(1002);
        Case("Close, byte by byte").SendChopped(1, Close(1000, "byte by byte")).Expect(IsClose(1000), IsEnd);
    }

    private void Afterwards()
    {
        Group(5, "After a Close frame", "What follows a Close frame is not taken; nothing is sent after one's own.", "RFC 6455 §5.5.1, §1.4");
        foreach ((string name, WirePart[] after) in ((string, WirePart[])[])[
            ("a text", [Text("after")]),
            ("a binary message", [Binary("after")]),
            ("a ping", [Ping("after")]),
            ("a pong", [Pong("after")]),
            ("the same Close", [Close(1000)]),
            ("another Close", [Close(1001)]),
            ("a large message", [Binary(Payload.Pattern(262_144))]),
            ("a reserved bit", [Text("after").Rsv(7)]),
            ("a reserved opcode", [Frame(3, "after")]),
            ("an illegal Close", [Close(1005)]),
            ("ill-formed text", [Text((byte[])[0xFF])]),
            ("a lone continuation", [Continuation("after")]),
            ("bytes that are no frames", [Raw([.. Enumerable.Repeat((byte)0xFF, 500)])]),
        ])
        {
            Case($"Close, then {name}").Send([Close(1000), .. after]).Expect(IsClose(1000), IsEnd).Or(Verdict.NonStrict, "answered without the code", IsClose(), IsEnd);
        }
    }

    private void Before()
    {
        Group(6, "Before a Close frame", "What came before the Close frame was in order, and still counts.", "RFC 6455 §5.5.1, §7.1.2");
        Case("Text, then Close").Send(Text("before"), Close(1000)).Expect(IsText("before"), IsClose(1000), IsEnd).Or(Verdict.Informational, "the message before was not answered any more", IsClose(1000), IsEnd);
        Case("Ping, then Close").Send(Ping("before"), Close(1000)).Expect(IsPong("before"), IsClose(1000), IsEnd).Or(Verdict.Informational, "the ping before was not answered any more", IsClose(1000), IsEnd);
        Case("64 KiB, then Close").Send(Binary(Payload.Pattern(65536)), Close(1000)).Expect(IsBinary(Payload.Pattern(65536)), IsClose(1000), IsEnd).Or(Verdict.Informational, "the message before was not answered any more", IsClose(1000), IsEnd);
        Case("Half a message, then Close").Send(Text("bef").More, Close(1000)).Expect(IsClose(1000), IsEnd);
        Case("An answered text, then Close").Send(Text("before")).Expect(IsText("before")).Close();
        Case("Close at once").Close();
        Case("Close one second later").Wait(TimeSpan.FromSeconds(1)).Close();
    }

    private void Ends()
    {
        Group(7, "The end of TCP", "The server ends TCP first, at once; an end without a Close frame disturbs nobody.", "RFC 6455 §7.1.1, §7.1.7");
        Case("Closed by the suite, which does not end TCP", roles: PeerRole.Server).Send(Close(1000)).Expect(IsClose(1000)).ExpectEnd();
        Case("Failed, and the peer's Close is not answered", "After failing a connection the server ends TCP, and does not wait.", PeerRole.Server).LeaveCloseUnanswered().Send(Text((byte[])[0xFF])).ExpectFailure(1007);
        Case("TCP ended without Close", "No Close frame came: the peer ends TCP as well.").ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("TCP ended inside a frame").Send(Text("Hello").Begin(2)).ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("TCP ended inside a header").Send(Raw(0x82)).ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("TCP ended inside a fragmented message").Send(Text("Hel").More).ShutDown().Expect(IsEnd).Or(IsClose(), IsEnd);
        Case("TCP ended right after Close").Send(Close(1000)).ShutDown().Expect(IsClose(1000), IsEnd);
        Case("TCP reset").Reset().ExpectOthersServed();
        Case("TCP reset inside a frame").Send(Text("Hello").Begin(2)).Reset().ExpectOthersServed();
        Case("TCP reset after a message that is being answered").Send(Binary(Payload.Pattern(262_144))).Reset().ExpectOthersServed();
        Case("TCP reset after Close").Send(Close(1000)).Reset().ExpectOthersServed();
        Case("Closed, and TCP left open for a moment", "The server ends TCP first, so that it is not the client that holds the connection in TIME_WAIT.", PeerRole.Client)
            .LeaveCloseUnanswered().Send(Close(1000)).Expect(IsClose(1000)).Then(new ServerFirstStep());
    }

    private CaseBuilder Case(string title, PeerRole roles) => Case(title).For(roles);

    private CaseBuilder Case(string title, string purpose, PeerRole roles) => Case(title, purpose).For(roles);
}
