using System.Diagnostics;
using CsCheck;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake.Authentication;

public class AuthenticationFieldsTests
{
    // RFC 9110 §11.6.1, the example
    [Fact]
    public void Several_challenges_stand_in_one_field()
    {
        IReadOnlyList<AuthenticationFields> challenges = AuthenticationFields.ParseChallenges(["Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\""]);
        Assert.Equal(["Basic realm=\"simple\"", "Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\""], challenges.Select(challenge => challenge.Format()));
        Assert.Equal("Login to \"apps\"", challenges[1]["TITLE"]);
        Assert.Equal([true, false, true], challenges[1].Parameters.Select(parameter => parameter.IsQuoted));
    }

    [Theory]
    [InlineData("Negotiate", "Negotiate")]
    [InlineData("Negotiate, Basic realm=x", "Negotiate|Basic realm=x")]
    [InlineData("Negotiate a2b=, Basic realm=x", "Negotiate a2b=|Basic realm=x")]
    [InlineData("Negotiate a2b==,Basic realm=x", "Negotiate a2b==|Basic realm=x")]
    [InlineData(" ,, A a = \"1,2\" ,, b\t=\t2 ,, B , ,", "A a=\"1,2\", b=2|B")]
    [InlineData("A x=\"a, B realm=\\\"y\\\"\", C", "A x=\"a, B realm=\\\"y\\\"\"|C")]
    [InlineData("A\tx=1", "A x=1")]
    [InlineData("A x=\"\"", "A x=\"\"")]
    [InlineData("A x=\"\u00E4\"", "A x=\"\u00E4\"")]
    public void What_follows_the_grammar_is_read(string value, string expected) =>
        Assert.Equal(expected, string.Join('|', AuthenticationFields.ParseChallenges([value]).Select(challenge => challenge.Format())));

    [Theory]
    [InlineData("A x=\"open")]
    [InlineData("A x=\"open\\")]
    [InlineData("A x=1, y=")]
    [InlineData("A x=1 y=2")]
    [InlineData("A x=1, X=2")]
    [InlineData("A x=a b")]
    [InlineData("A a=b, c d e")]
    [InlineData("=")]
    [InlineData("A \"x\"")]
    [InlineData("A/B x=1")]
    [InlineData("A x=\"\u0001\"")]
    [InlineData("A x=\"\u0100\"")]
    public void A_line_that_breaks_the_grammar_is_skipped_and_the_others_are_not(string value)
    {
        Assert.Equal(["First", "Last"], AuthenticationFields.ParseChallenges(["First", value, "Last"]).Select(challenge => challenge.Scheme));
        Assert.False(AuthenticationFields.TryParseCredentials(value, out AuthenticationFields? credentials));
        Assert.Null(credentials);
    }

    // RFC 9110 §11.6.2: credentials are one, and no list.
    [Theory]
    [InlineData("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", true)]
    [InlineData("Digest username=\"a\", nc=00000001", true)]
    [InlineData("Basic", true)]
    [InlineData("", false)]
    [InlineData(" ", false)]
    [InlineData("Basic QWxh, Basic QWxh", false)]
    [InlineData("Basic QWxh,", false)]
    [InlineData("Basic QW xh", false)]
    [InlineData("Basic QW=xh=\"", false)]
    public void Credentials_are_one(string value, bool valid)
    {
        Assert.Equal(valid, AuthenticationFields.TryParseCredentials(value, out AuthenticationFields? credentials));
        Assert.Equal(valid ? value : null, credentials?.Format());
    }

    [Fact]
    public void Nothing_secret_is_in_the_text()
    {
        Assert.Equal("Basic", AuthenticationFields.WithToken("Basic", "c2VjcmV0").ToString());
        Assert.Equal("password", new AuthenticationParameter("password", "secret").ToString());
        Assert.DoesNotContain("se cret", Assert.Throws<ArgumentException>(() => AuthenticationFields.WithToken("Bearer", "se cret")).Message, StringComparison.Ordinal);
        Assert.DoesNotContain("se cret", Assert.Throws<ArgumentException>(() => new AuthenticationFields("A", new AuthenticationParameter("x", "se cret", IsQuoted: false))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_sent_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new AuthenticationFields("A b"));
        Assert.Throws<ArgumentException>(() => new AuthenticationFields("A", new AuthenticationParameter("x", "1\r\nX: y")));
        Assert.Throws<ArgumentException>(() => new AuthenticationFields("A", new AuthenticationParameter("x", "1"), new AuthenticationParameter("X", "2")));
        Assert.Throws<ArgumentException>(() => new AuthenticationFields("A", Enumerable.Range(0, 33).Select(i => new AuthenticationParameter($"x{i}", ""))));
    }

    [Fact]
    public void What_is_written_is_read_again() =>
        Gen.Select(HttpHeadParserTests.Names, Gen.Select(HttpHeadParserTests.Names, HttpHeadParserTests.Values).Array[1, 6]).Array[1, 4].Sample(items =>
        {
            string[] written = [.. items.Select(item =>
                new AuthenticationFields(item.Item1, item.Item2.DistinctBy(pair => pair.Item1.ToUpperInvariant()).Select(pair => new AuthenticationParameter(pair.Item1, pair.Item2))).Format())];
            Assert.Equal(written, AuthenticationFields.ParseChallenges([string.Join(", ", written)]).Select(challenge => challenge.Format()));
        });

    [Fact]
    public void Anything_can_come_and_nothing_throws() =>
        Gen.OneOf(Gen.Char["a=,\"\\ \t;\u00E4\u0001B0"].Array[0, 60].Select(chars => new string(chars)), Gen.String).Sample(text =>
        {
            foreach (AuthenticationFields challenge in AuthenticationFields.ParseChallenges([text]))
            {
                // What was read means the same when it is written.
                Assert.Equal(challenge.Format(), Assert.Single(AuthenticationFields.ParseChallenges([challenge.Format()])).Format());
            }

            _ = AuthenticationFields.TryParseCredentials(text, out _);
        });

    // A hundred times the text may take a hundred times as long, several times that where a machine has other work too, and not ten thousand times.
    [Theory]
    [InlineData("A,")]
    [InlineData("A b=\"\\\\\",")]
    [InlineData("A b=\"")]
    [InlineData("a ")]
    [InlineData("a=")]
    [InlineData(",")]
    [InlineData("\\\"")]
    [InlineData("A b\t\t\t\t=")]
    public void Time_is_linear(string part)
    {
        string prefix = "X y=\"z\", ";
        _ = Time(prefix, part, 1000);
        TimeSpan small = Time(prefix, part, 2000), large = Time(prefix, part, 200_000);
        Assert.True(large < (small * 2000) + TimeSpan.FromMilliseconds(100), $"{small} for one, {large} for a hundred");
    }

    private static TimeSpan Time(string prefix, string part, int count)
    {
        string text = prefix + string.Concat(Enumerable.Repeat(part, count));
        return Enumerable.Range(0, 7).Min(run =>
        {
            long start = Stopwatch.GetTimestamp();
            AuthenticationFields.ParseChallenges([text]);
            _ = AuthenticationFields.TryParseCredentials(text, out _);
            return Stopwatch.GetElapsedTime(start);
        });
    }
}
