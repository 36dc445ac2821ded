package io.github.lotus4j.cuda;

/** Numbers of cuDNN's graph API, by their names in cudnn_graph.h of cuDNN 9, which JCudnn's tables are too old to know all of. */
final class GraphApi {
    static final int CUDNN_BACKEND_POINTWISE_DESCRIPTOR = 0;
    static final int CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR = 1;
    static final int CUDNN_BACKEND_ENGINE_DESCRIPTOR = 2;
    static final int CUDNN_BACKEND_ENGINECFG_DESCRIPTOR = 3;
    static final int CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR = 4;
    static final int CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR = 5;
    static final int CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR = 10;
    static final int CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR = 13;
    static final int CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR = 15;
    static final int CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR = 16;
    static final int CUDNN_BACKEND_TENSOR_DESCRIPTOR = 17;
    static final int CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR = 38;
    static final int CUDNN_BACKEND_OPERATION_SDPA_FWD_DESCRIPTOR = 41;

    static final int CUDNN_TYPE_HANDLE = 0;
    static final int CUDNN_TYPE_DATA_TYPE = 1;
    static final int CUDNN_TYPE_BOOLEAN = 2;
    static final int CUDNN_TYPE_INT64 = 3;
    static final int CUDNN_TYPE_FLOAT = 4;
    static final int CUDNN_TYPE_VOID_PTR = 6;
    static final int CUDNN_TYPE_CONVOLUTION_MODE = 7;
    static final int CUDNN_TYPE_HEUR_MODE = 8;
    static final int CUDNN_TYPE_NUMERICAL_NOTE = 11;
    static final int CUDNN_TYPE_POINTWISE_MODE = 14;
    static final int CUDNN_TYPE_BACKEND_DESCRIPTOR = 15;
    static final int CUDNN_TYPE_CHAR = 24;

    static final int CUDNN_ATTR_POINTWISE_MODE = 0;
    static final int CUDNN_ATTR_POINTWISE_MATH_PREC = 1;

    static final int CUDNN_ATTR_CONVOLUTION_COMP_TYPE = 100;
    static final int CUDNN_ATTR_CONVOLUTION_CONV_MODE = 101;
    static final int CUDNN_ATTR_CONVOLUTION_DILATIONS = 102;
    static final int CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES = 103;
    static final int CUDNN_ATTR_CONVOLUTION_POST_PADDINGS = 104;
    static final int CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS = 105;
    static final int CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS = 106;

    static final int CUDNN_ATTR_ENGINEHEUR_MODE = 200;
    static final int CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH = 201;
    static final int CUDNN_ATTR_ENGINEHEUR_RESULTS = 202;
    static final int CUDNN_ATTR_ENGINEHEUR_DEVICEPROP = 204;

    static final int CUDNN_ATTR_ENGINECFG_ENGINE = 300;

    static final int CUDNN_ATTR_EXECUTION_PLAN_HANDLE = 400;
    static final int CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG = 401;
    static final int CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE = 402;
    static final int CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP = 407;

    static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA = 700;
    static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA = 701;
    static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC = 702;
    static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W = 703;
    static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X = 704;
    static final int CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y = 705;

    static final int CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR = 750;
    static final int CUDNN_ATTR_OPERATION_POINTWISE_XDESC = 751;
    static final int CUDNN_ATTR_OPERATION_POINTWISE_BDESC = 752;
    static final int CUDNN_ATTR_OPERATION_POINTWISE_YDESC = 753;

    static final int CUDNN_ATTR_OPERATIONGRAPH_HANDLE = 800;
    static final int CUDNN_ATTR_OPERATIONGRAPH_OPS = 801;

    static final int CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT = 900;
    static final int CUDNN_ATTR_TENSOR_DATA_TYPE = 901;
    static final int CUDNN_ATTR_TENSOR_DIMENSIONS = 902;
    static final int CUDNN_ATTR_TENSOR_STRIDES = 903;
    static final int CUDNN_ATTR_TENSOR_UNIQUE_ID = 906;
    static final int CUDNN_ATTR_TENSOR_IS_VIRTUAL = 907;
    static final int CUDNN_ATTR_TENSOR_IS_BY_VALUE = 908;

    static final int CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS = 1000;
    static final int CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS = 1001;
    static final int CUDNN_ATTR_VARIANT_PACK_WORKSPACE = 1003;

    static final int CUDNN_ATTR_ENGINE_GLOBAL_INDEX = 1301;
    static final int CUDNN_ATTR_ENGINE_NUMERICAL_NOTE = 1303;

    static final int CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION = 2702;

    static final int CUDNN_ATTR_OPERATION_SDPA_FWD_QDESC = 2800;
    static final int CUDNN_ATTR_OPERATION_SDPA_FWD_KDESC = 2801;
    static final int CUDNN_ATTR_OPERATION_SDPA_FWD_VDESC = 2802;
    static final int CUDNN_ATTR_OPERATION_SDPA_FWD_ODESC = 2803;
    static final int CUDNN_ATTR_OPERATION_SDPA_FWD_SCALEDESC = 2805;

    static final int CUDNN_HEUR_MODE_FALLBACK = 2;
    static final int CUDNN_HEUR_MODE_A = 3;

    static final int CUDNN_POINTWISE_ADD = 0;

    static final int CUDNN_NUMERICAL_NOTE_TENSOR_CORE = 0;
    static final int CUDNN_NUMERICAL_NOTE_STRICT_NAN_PROP = 9;
    static final int CUDNN_NUMERICAL_NOTE_TYPE_COUNT = 10;

    private GraphApi() {}
}
