using Wspy.Compression;

namespace Wspy.Tests.Compression;

public class CompressionSupportTests
{
    [Fact]
    public void This_machine_has_the_entry_points_of_zlib()
    {
        Assert.True(ZlibNative.Probe());
        Assert.Equal(CompressionBackend.Zlib, CompressionSupport.Backend);
        Assert.Equal(8, CompressionSupport.MinDeflateWindowBits(CompressionSupport.Backend));
        using Deflater deflater = Deflater.Create(new DeflateSettings());
        using Inflater inflater = Inflater.Create();
        Assert.IsType<ZlibDeflater>(deflater);
        Assert.IsType<ZlibInflater>(inflater);
    }

    [Theory]
    [InlineData(false, true, CompressionBackend.Zlib)]
    [InlineData(false, false, CompressionBackend.DeflateStream)]
    [InlineData(true, true, CompressionBackend.DeflateStream)]
    public void The_stream_steps_in_where_zlib_is_missing_or_not_wanted(bool forced, bool found, object expected) =>
        Assert.Equal((CompressionBackend)expected, CompressionSupport.Choose(forced, () => found));
}
