using System.Diagnostics;
using CsCheck;

namespace Wspy.Tests.Http;

public class HttpHeadParserTests
{
    private const string Simple = "GET /a?b HTTP/1.1\r\nHost: x\r\nA:  b c \t\r\na:\r\n\r\n";

    // RFC 9112 §2.1: the format

    [Fact]
    public void A_request_is_read_and_what_follows_stays_in_the_input_RFC9112_2_1()
    {
        HeadResult result = Heads.Parse(HttpHeadKind.Request, Simple + "GET /smuggled HTTP/1.1\r\n\r\n");
        Assert.Equal(new HeadResult(HttpHeadStatus.Complete, HttpViolation.None, Simple.Length, "GET|/a?b|1|Host=x|A=b c|a="), result);
    }

    [Fact]
    public void A_response_is_read_and_what_follows_stays_in_the_input_RFC9112_2_1()
    {
        const string Text = "HTTP/1.1 404 Not here\r\nContent-Length: 2\r\n\r\n";
        Assert.Equal(
            new HeadResult(HttpHeadStatus.Complete, HttpViolation.None, Text.Length, "404|Not here|1|Content-Length=2"),
            Heads.Parse(HttpHeadKind.Response, Text + "no"));
    }

    [Fact]
    public void Every_shorter_head_needs_more()
    {
        for (int length = 0; length < Simple.Length; length++)
        {
            var parser = new HttpHeadParser(HttpHeadKind.Request);
            ReadOnlySpan<byte> input = Splits.Latin1(Simple[..length]);
            Assert.Equal(HttpHeadStatus.NeedMoreData, parser.Receive(ref input));
            Assert.True(input.IsEmpty);
            Assert.Equal(length, parser.Length);
            Assert.Null(parser.Request);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nHost: x\r\n")]
    public void The_final_status_stays_and_takes_nothing_more(string text)
    {
        var parser = new HttpHeadParser(HttpHeadKind.Request);
        ReadOnlySpan<byte> input = Splits.Latin1(text);
        HttpHeadStatus status = parser.Receive(ref input);
        input = "more"u8;
        Assert.NotEqual(HttpHeadStatus.NeedMoreData, status);
        Assert.Equal(status, parser.Receive(ref input));
        Assert.Equal(4, input.Length);
    }

    [Fact]
    public void Reset_makes_ready_for_another_head_and_leaves_the_first_one_alone()
    {
        var parser = new HttpHeadParser(HttpHeadKind.Response);
        ReadOnlySpan<byte> input = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nB: c\r\n\r\n"u8;
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
        HttpResponseHead first = parser.Response!;
        parser.Reset();
        Assert.Null(parser.Response);
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
        Assert.Equal("200 OK", parser.Response!.ToString());
        Assert.Equal("c", parser.Response.Headers["b"]);
        Assert.Equal("a", first.Headers["link"]);
        Assert.True(input.IsEmpty);
    }

    // RFC 9112 §2.2: lines

    [Fact]
    public void One_empty_line_before_the_request_line_is_tolerated_RFC9112_2_2() =>
        Assert.Equal("GET|/|1", Heads.Parse(HttpHeadKind.Request, "\r\nGET / HTTP/1.1\r\n\r\n").Head);

    [Theory]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\n\r\n", 4, HttpViolation.InvalidRequestLine)]
    [InlineData("\nGET / HTTP/1.1\r\n\r\n", 1, HttpViolation.BareLf)]
    [InlineData("GET / HTTP/1.1\n\r\n", 15, HttpViolation.BareLf)]
    [InlineData("GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", 21, HttpViolation.BareLf)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n\n", 23, HttpViolation.BareLf)]
    [InlineData("GET /\r HTTP/1.1\r\n\r\n", 17, HttpViolation.BareCr)]
    [InlineData("GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", 27, HttpViolation.BareCr)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\r\n\r\n", 23, HttpViolation.BareCr)]
    public void Lines_end_in_CRLF_only_RFC9112_2_2(string text, int consumed, HttpViolation violation) =>
        AssertRefused(HttpHeadKind.Request, text, consumed, violation);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n A: b\r\n\r\n", 23)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 26)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", 26)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n \r\n\r\n", 25)]
    public void Folded_lines_are_refused_RFC9112_5_2(string text, int consumed) =>
        AssertRefused(HttpHeadKind.Request, text, consumed, HttpViolation.ObsoleteFolding);

    // RFC 9112 §5: header lines

    [Theory]
    [InlineData("A : b", HttpViolation.WhitespaceBeforeColon)]
    [InlineData("A\t: b", HttpViolation.WhitespaceBeforeColon)]
    [InlineData("A", HttpViolation.InvalidName)]
    [InlineData(": b", HttpViolation.InvalidName)]
    [InlineData("A B: c", HttpViolation.InvalidName)]
    [InlineData("A\0: c", HttpViolation.InvalidName)]
    [InlineData("Ä: c", HttpViolation.InvalidName)]
    [InlineData("A(: c", HttpViolation.InvalidName)]
    [InlineData("A: b\0", HttpViolation.InvalidValue)]
    [InlineData("A: \u0001b", HttpViolation.InvalidValue)]
    [InlineData("A: b\u007F", HttpViolation.InvalidValue)]
    [InlineData("A: \u001B[2J", HttpViolation.InvalidValue)]
    public void A_header_line_is_refused_at_its_end_before_the_head_is_complete_RFC9112_5(string line, HttpViolation violation)
    {
        string text = $"GET / HTTP/1.1\r\n{line}\r\n";
        AssertRefused(HttpHeadKind.Request, text + "B: c\r\n", text.Length, violation);
        text = $"HTTP/1.1 200 OK\r\n{line}\r\n";
        AssertRefused(HttpHeadKind.Response, text + "B: c\r\n", text.Length, violation);
    }

    [Fact]
    public void Values_may_hold_tabs_and_Latin1_RFC9110_5_5() =>
        Assert.Equal("GET|/|1|A=b\tä ÿ:", Heads.Parse(HttpHeadKind.Request, "GET / HTTP/1.1\r\nA:\tb\tä ÿ: \r\n\r\n").Head);

    // Peers that speak another protocol

    [Theory]
    [InlineData(HttpHeadKind.Request, "\u0016\u0003\u0001\u0002", HttpViolation.InvalidRequestLine)]
    [InlineData(HttpHeadKind.Request, " GET", HttpViolation.InvalidRequestLine)]
    [InlineData(HttpHeadKind.Response, "\u0015\u0003", HttpViolation.InvalidStatusLine)]
    [InlineData(HttpHeadKind.Response, "\r\nHTTP/1.1 200 OK\r\n\r\n", HttpViolation.InvalidStatusLine)]
    public void What_cannot_start_a_head_is_refused_at_its_first_byte(HttpHeadKind kind, string text, HttpViolation violation) =>
        AssertRefused(kind, text, 1, violation);

    [Fact]
    public void After_an_empty_line_too() => AssertRefused(HttpHeadKind.Request, "\r\n\u0016\u0003", 3, HttpViolation.InvalidRequestLine);

    // RFC 6585 §5, RFC 9110 §15.5.15: limits

    [Fact]
    public void A_head_of_the_limit_passes_and_one_byte_more_does_not_RFC6585_5()
    {
        Assert.Equal(HttpHeadStatus.Complete, Heads.Parse(HttpHeadKind.Request, Simple, maxHeadSize: Simple.Length).Status);
        AssertRefused(HttpHeadKind.Request, Simple, Simple.Length - 1, HttpViolation.HeadTooLarge, Simple.Length - 1);
    }

    [Fact]
    public void A_request_line_beyond_the_limit_is_told_apart_RFC9110_15_5_15()
    {
        string text = $"GET /{new string('a', 100)} HTTP/1.1\r\n\r\n";
        AssertRefused(HttpHeadKind.Request, text, 50, HttpViolation.TargetTooLong, maxHeadSize: 50);
        AssertRefused(HttpHeadKind.Response, "HTTP/1.1 200 " + text, 50, HttpViolation.HeadTooLarge, maxHeadSize: 50);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(100)]
    public void Headers_of_the_limit_pass_and_one_more_does_not(int limit)
    {
        string lines = string.Concat(Enumerable.Range(0, limit).Select(i => $"H{i}: {i}\r\n"));
        HeadResult result = Heads.Parse(HttpHeadKind.Request, $"GET / HTTP/1.1\r\n{lines}\r\n", maxHeaderCount: limit);
        Assert.Equal(HttpHeadStatus.Complete, result.Status);
        Assert.Equal(limit, result.Head.Count(c => c == '='));
        string more = $"GET / HTTP/1.1\r\n{lines}More: 1\r\n";
        result = Heads.Parse(HttpHeadKind.Request, more + "\r\n", maxHeaderCount: limit);
        Assert.Equal(new HeadResult(HttpHeadStatus.Invalid, HttpViolation.TooManyHeaders, more.Length, ""), result);
    }

    [Fact]
    public void The_largest_limits_are_taken()
    {
        var parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = int.MaxValue, MaxHeaderCount = int.MaxValue };
        ReadOnlySpan<byte> input = Splits.Latin1(Simple);
        Assert.Equal(HttpHeadStatus.Complete, parser.Receive(ref input));
    }

    [Fact]
    public void Limits_that_make_no_sense_are_refused_by_name()
    {
        Assert.Equal("MaxHeadSize", Assert.Throws<ArgumentOutOfRangeException>(() => new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = 0 }).ParamName);
        Assert.Equal("MaxHeaderCount", Assert.Throws<ArgumentOutOfRangeException>(() => new HttpHeadParser(HttpHeadKind.Request) { MaxHeaderCount = -1 }).ParamName);
    }

    /// <summary>If each byte made the parser look at all before, this would take 5·10^13 steps: days.</summary>
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nA: ", "a")]
    [InlineData("GET / HTTP/1.1\r\n", "A: b\r\n")]
    [InlineData("GET /", "x")]
    public void Ten_megabytes_byte_by_byte_take_linear_time_and_are_refused_at_the_limit(string start, string repeated)
    {
        const int Limit = 10_000_000;
        var parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = Limit, MaxHeaderCount = int.MaxValue };
        byte[] first = Splits.Latin1(start);
        byte[] rest = Splits.Latin1(repeated);
        var clock = Stopwatch.StartNew();
        int taken = 0;
        for (HttpHeadStatus status = HttpHeadStatus.NeedMoreData; status == HttpHeadStatus.NeedMoreData; taken++)
        {
            byte next = taken < first.Length ? first[taken] : rest[(taken - first.Length) % rest.Length];
            ReadOnlySpan<byte> input = [next];
            status = parser.Receive(ref input);
            if (taken % 65536 == 0)
            {
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1));
            }
        }

        Assert.Equal(Limit, taken);
        Assert.Equal(Limit, parser.Length);
        Assert.Equal(repeated == "x" ? HttpViolation.TargetTooLong : HttpViolation.HeadTooLarge, parser.Violation);
    }

    [Fact]
    public void Memory_follows_what_has_arrived_and_not_the_limit()
    {
        ReadOnlySpan<byte> input = "G"u8;
        var parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = 100_000_000 };
        long before = GC.GetAllocatedBytesForCurrentThread();
        parser.Receive(ref input);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    // Properties

    [Fact]
    public void Garbage_never_throws_and_is_never_taken_beyond_the_limit() =>
        Gen.Select(Gen.OneOf(Gen.Byte.Array[0, 200], Fragments), Gen.Int[1, 150], Gen.Int[0, 4], Gen.Bool).Sample((bytes, size, count, request) =>
        {
            HeadResult result = Heads.Parse(request ? HttpHeadKind.Request : HttpHeadKind.Response, bytes, size, count);
            return result.Consumed <= size && result.Status == HttpHeadStatus.Invalid == (result.Violation != HttpViolation.None);
        });

    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.Select(Names, Values).Array[0, 20].Sample(headers =>
        {
            string text = "GET / HTTP/1.1\r\n" + string.Concat(headers.Select(h => $"{h.Item1}: {h.Item2}\r\n")) + "\r\n";
            Assert.Equal("GET|/|1" + string.Concat(headers.Select(h => $"|{h.Item1}={h.Item2}")), Heads.Parse(HttpHeadKind.Request, text).Head);
        });

    internal static Gen<string> Names { get; } =
        Gen.Char[HttpGrammar.TokenCharacters].Array[1, 12].Select(chars => "X" + new string(chars));

    internal static Gen<string> Values { get; } =
        Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\u0080', '\u00FF'], Gen.Const('\t')).Array[0, 20].Select(chars => new string(chars).Trim(' ', '\t'));

    private static string[] Parts { get; } =
        ["GET / HTTP/1.1", "HTTP/1.1 200 OK", "\r\n", "\r\n", "\n", "\r", "A: b", " ", ":", "Host: x", "\0", "Content-Length: 1", "Transfer-Encoding: chunked"];

    private static Gen<byte[]> Fragments { get; } =
        Gen.Int[0, Parts.Length - 1].Select(i => Parts[i]).Array[0, 12].Select(parts => Splits.Latin1(string.Concat(parts)));

    private static void AssertRefused(HttpHeadKind kind, string text, int consumed, HttpViolation violation, int maxHeadSize = 16384) =>
        Assert.Equal(new HeadResult(HttpHeadStatus.Invalid, violation, consumed, ""), Heads.Parse(kind, text, maxHeadSize));
}
