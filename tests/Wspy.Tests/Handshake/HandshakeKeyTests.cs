using CsCheck;
using Wspy.Handshake;
using Wspy.Tests.Http;

namespace Wspy.Tests.Handshake;

public class HandshakeKeyTests
{
    [Fact]
    public void The_example_of_RFC6455_1_3() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", HandshakeKey.ComputeAccept("dGhlIHNhbXBsZSBub25jZQ=="));

    [Fact]
    public void Keys_are_16_bytes_and_fresh_RFC6455_4_1()
    {
        var keys = new HashSet<string>();
        for (int i = 0; i < 1000; i++)
        {
            string key = HandshakeKey.Create();
            Assert.True(HandshakeKey.IsValid(Splits.Latin1(key)));
            Assert.True(keys.Add(key));
        }
    }

    [Fact]
    public void Sixteen_bytes_in_base64_are_valid_and_no_other_number_RFC6455_4_2_1() =>
        Gen.Byte.Array[0, 40].Sample(bytes => HandshakeKey.IsValid(Splits.Latin1(Convert.ToBase64String(bytes))) == (bytes.Length == 16));

    /// <summary>The last character that counts carries two bits, so 4 of the 64 are canonical (RFC 4648 §3.5).</summary>
    [Fact]
    public void Only_the_canonical_form_is_valid_at_any_place_RFC4648_3_5()
    {
        const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
        for (int place = 0; place < Key.Length; place++)
        {
            int valid = 0;
            for (int value = 0; value < 256; value++)
            {
                byte[] key = Splits.Latin1(Key);
                key[place] = (byte)value;
                valid += HandshakeKey.IsValid(key) ? 1 : 0;
            }

            Assert.Equal(place < 21 ? 64 : place == 21 ? 4 : 1, valid);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ")] // no padding
    [InlineData("dGhlIHNhbXBsZSBub25jZQ=")]
    [InlineData("dGhlIHNhbXBsZSBub25jZR==")] // bits that do not count are set
    [InlineData("dGhlIHNhbXBsZSBub25jZ-==")] // the alphabet of URLs
    [InlineData("dGhlIHNhbXBsZSBub25jZQ= ")]
    [InlineData("dGhlIHNhbXBsZSBub25 jQ==")]
    [InlineData("dGhlIHNhbXBsZSBub25jZWE=")] // 17 bytes
    [InlineData("dGhlIHNhbXBsZSBub25jZWFh")] // 18 bytes
    [InlineData("========================")]
    [InlineData("ääääääääääääääääääääää==")]
    public void Anything_else_is_refused_RFC6455_4_2_1(string key)
    {
        Assert.False(HandshakeKey.IsValid(Splits.Latin1(key)));
        Assert.Throws<ArgumentException>(() => HandshakeKey.ComputeAccept(key));
    }

    [Fact]
    public void A_key_is_needed() => Assert.Throws<ArgumentNullException>(() => HandshakeKey.ComputeAccept(null!));
}
