// cuDNN's graph API, as far as one attention, or a convolution and what is added to it, goes: descriptors are bags of attributes,
// which are checked when they are finalized.
// Part of cudnn.cpp.
#pragma once
#include <cmath>
#include <map>
#include <string>

namespace {

enum Kind {
    POINTWISE = 0, WINDOW = 1, ENGINE = 2, PROPOSAL = 3, HEURISTICS = 4, PLAN = 5, CONVOLUTION = 10, SUM = 13, GRAPH = 15, VALUES = 16,
    TENSOR = 17, ATTENTION = 41
};
enum Attribute {
    POINTWISE_MODE = 0, POINTWISE_TYPE = 1, WINDOW_TYPE = 100, WINDOW_MODE = 101, DILATIONS = 102, STEPS = 103, PADDING_AFTER = 104,
    PADDING_BEFORE = 105, WINDOW_SIDES = 106, PROPOSAL_ENGINE = 300, ALPHA = 700, BETA = 701, CONVOLUTION_WINDOW = 702, FILTER = 703,
    IN = 704, PRODUCT = 705, SUM_MODE = 750, SUM_A = 751, SUM_B = 752, SUM_OUT = 753, VIRTUAL = 907, ENGINE_NUMBER = 1301,
    NOTES = 1303, MODE = 200, HEURISTICS_GRAPH = 201, RESULTS = 202, PLAN_HANDLE = 400, PLAN_PROPOSAL = 401, PLAN_WORKSPACE = 402,
    GRAPH_HANDLE = 800, GRAPH_OPERATIONS = 801, ALIGNMENT = 900, TYPE = 901, DIMENSIONS = 902, STRIDES = 903, ID = 906, BY_VALUE = 908,
    IDS = 1000, POINTERS = 1001, VALUES_WORKSPACE = 1003, Q = 2800, K = 2801, V = 2802, OUT = 2803, SCALE = 2805
};
constexpr int BOOLEAN_TYPE = 2;
constexpr int INT64_TYPE = 3;
constexpr int DESCRIPTOR_TYPE = 15;
constexpr int MODE_A = 3;

/** A float's bits. */
constexpr int64_t ONE_BITS = 0x3f800000;
constexpr int ADD = 0;
constexpr int TENSOR_CORE_NOTE = 0;
constexpr int WINOGRAD_NOTE = 5;

/** What becomes of plans: there are none; they are right; they take keys for values, and products twice; they round more. */
enum Graphs { REFUSED = 0, RIGHT = 1, WRONG = 2, ROUGH = 3 };
int graphs = RIGHT;
int runs;
thread_local std::string lastError;

struct Descriptor {
    int kind;
    bool complete = false;
    std::map<int, std::vector<int64_t>> attributes;

    bool has(int attribute) const { return attributes.count(attribute) > 0; }
    const std::vector<int64_t> &all(int attribute) const { return attributes.at(attribute); }
    int64_t number(int attribute) const { return all(attribute)[0]; }
    const Descriptor *part(int attribute, size_t i = 0) const { return reinterpret_cast<const Descriptor *>(all(attribute)[i]); }
    bool hasPart(int attribute, int kind) const { return has(attribute) && part(attribute)->kind == kind && part(attribute)->complete; }
};

int refuse(Status status, const char *why) {
    lastError = why;
    return status;
}

/** Of four dimensions: images, heads, tokens, size. */
struct Heads {
    Storage type;
    std::vector<int64_t> sides, strides;
    const void *data;

    explicit Heads(const Descriptor &tensor, const void *data = nullptr)
        : type(storage(tensor.number(TYPE))), sides(tensor.all(DIMENSIONS)), strides(tensor.all(STRIDES)), data(data) {}
    size_t at(int64_t n, int64_t head, int64_t token, int64_t i) const {
        return n * strides[0] + head * strides[1] + token * strides[2] + i * strides[3];
    }
    size_t bytes() const { return (at(sides[0] - 1, sides[1] - 1, sides[2] - 1, sides[3] - 1) + 1) * sizeOf(type); }
    std::vector<float> row(int64_t n, int64_t head, int64_t token) const {
        std::vector<float> values(sides[3]);
        for (int64_t i = 0; i < sides[3]; i++) {
            values[i] = get(data, at(n, head, token, i), type);
        }
        return values;
    }
};

void attend(const Heads &q, const Heads &k, const Heads &v, const Heads &out, float scale) {
    for (int64_t n = 0; n < q.sides[0]; n++) {
        for (int64_t head = 0; head < q.sides[1]; head++) {
            for (int64_t token = 0; token < q.sides[2]; token++) {
                std::vector<float> query = q.row(n, head, token), weights(k.sides[2]), sum(q.sides[3]);
                float most = -INFINITY, total = 0;
                for (int64_t j = 0; j < k.sides[2]; j++) {
                    weights[j] = scale * dot(query.data(), k.row(n, head, j).data(), query.size());
                    most = std::fmax(most, weights[j]);
                }
                for (int64_t j = 0; j < k.sides[2]; j++) {
                    float weight = std::exp(weights[j] - most);
                    total += weight;
                    std::vector<float> value = v.row(n, head, j);
                    for (size_t i = 0; i < sum.size(); i++) {
                        sum[i] += weight * value[i];
                    }
                }
                for (size_t i = 0; i < sum.size(); i++) {
                    put(const_cast<void *>(out.data), out.at(n, head, token, i), out.type, sum[i] / total);
                }
            }
        }
    }
}

Tensor tensor(const Descriptor &d) {
    std::vector<int> n(d.all(DIMENSIONS).begin(), d.all(DIMENSIONS).end()), s(d.all(STRIDES).begin(), d.all(STRIDES).end());
    return {storage(d.number(TYPE)), n[0], n[1], n[2], n[3], s[0], s[1], s[2], s[3]};
}

Convolution window(const Descriptor &d) {
    auto number = [&](int attribute, int i) { return int(d.all(attribute)[i]); };
    return {number(PADDING_BEFORE, 0), number(PADDING_BEFORE, 1), number(STEPS, 0), number(STEPS, 1), 1, 1};
}

/** A tensor of a graph; those that are virtual have their place for one execution. */
struct Operand {
    Tensor tensor;
    bool isVirtual;
    void *data;
};

struct Step {
    Convolution window; // of the first
    int64_t a, b, out;
};

void add(const Operand &a, const Operand &b, const Operand &out, float factor) {
    Tensor x = a.tensor, y = b.tensor;
    for (int n = 0; n < x.n; n++) {
        for (int c = 0; c < x.c; c++) {
            for (int h = 0; h < x.h; h++) {
                for (int w = 0; w < x.w; w++) {
                    size_t at = y.at(y.n == 1 ? 0 : n, y.c == 1 ? 0 : c, y.h == 1 ? 0 : h, y.w == 1 ? 0 : w);
                    float sum = factor * get(a.data, x.at(n, c, h, w), x.type) + get(b.data, at, y.type);
                    put(out.data, out.tensor.at(n, c, h, w), out.tensor.type, sum);
                }
            }
        }
    }
}

/** A convolution, and additions. */
void compute(const std::vector<Step> &steps, std::map<int64_t, Operand> operands, bool wrong) {
    std::map<int64_t, std::vector<float>> between;
    for (auto &[id, operand] : operands) {
        if (operand.isVirtual) {
            between[id].assign(operand.tensor.bytes() / sizeof(float), NAN);
            operand.data = between[id].data();
        }
    }
    for (size_t i = 0; i < steps.size(); i++) {
        const Operand &a = operands.at(steps[i].a), &b = operands.at(steps[i].b), &out = operands.at(steps[i].out);
        if (i == 0) {
            convolve(a.tensor, a.data, b.tensor, b.data, steps[i].window, {out.tensor, nullptr, out.tensor, nullptr}, out.tensor, out.data);
        } else {
            add(a, b, out, wrong && i == 1 ? 2 : 1);
        }
    }
}

bool complete(const Descriptor &d) {
    switch (d.kind) {
    case TENSOR: {
        bool whole = d.has(TYPE) && d.has(ID) && d.has(ALIGNMENT) && d.has(DIMENSIONS) && d.has(STRIDES);
        bool rounds = d.has(VIRTUAL) && whole && d.number(TYPE) != FLOAT;
        return whole && !rounds && d.all(DIMENSIONS).size() == 4 && d.all(STRIDES).size() == 4;
    }
    case ATTENTION: {
        for (int part : {Q, K, V, OUT, SCALE}) {
            if (!d.hasPart(part, TENSOR)) {
                return false;
            }
        }
        Heads q(*d.part(Q)), k(*d.part(K)), v(*d.part(V)), out(*d.part(OUT));
        return q.sides == out.sides && k.sides == v.sides && q.sides[0] == k.sides[0] && q.sides[1] == k.sides[1] &&
               q.sides[3] == k.sides[3] && d.part(SCALE)->has(BY_VALUE);
    }
    case WINDOW: {
        bool whole = d.has(WINDOW_SIDES) && d.has(WINDOW_TYPE) && d.has(WINDOW_MODE) && d.has(DILATIONS) && d.has(STEPS) &&
                     d.has(PADDING_BEFORE) && d.has(PADDING_AFTER);
        return whole && d.number(WINDOW_SIDES) == 2 && d.number(WINDOW_TYPE) == FLOAT && d.number(WINDOW_MODE) == CROSS_CORRELATION &&
               d.all(DILATIONS) == std::vector<int64_t>{1, 1} && d.all(STEPS).size() == 2 && d.all(PADDING_BEFORE).size() == 2 &&
               d.all(PADDING_BEFORE) == d.all(PADDING_AFTER);
    }
    case CONVOLUTION: {
        bool whole = d.hasPart(IN, TENSOR) && d.hasPart(FILTER, TENSOR) && d.hasPart(PRODUCT, TENSOR) &&
                     d.hasPart(CONVOLUTION_WINDOW, WINDOW) && d.has(ALPHA) && d.has(BETA);
        if (!whole || d.number(ALPHA) != ONE_BITS || d.number(BETA) != 0) {
            return false;
        }
        Tensor x = tensor(*d.part(IN)), w = tensor(*d.part(FILTER)), y = tensor(*d.part(PRODUCT));
        Convolution c = window(*d.part(CONVOLUTION_WINDOW));
        return x.c == w.c && y.n == x.n && y.c == w.n && y.h == outputSide(x.h, w.h, c.padH, c.strideH) &&
               y.w == outputSide(x.w, w.w, c.padW, c.strideW);
    }
    case POINTWISE:
        return d.has(POINTWISE_MODE) && d.number(POINTWISE_MODE) == ADD && d.has(POINTWISE_TYPE) && d.number(POINTWISE_TYPE) == FLOAT;
    case SUM: {
        bool whole = d.hasPart(SUM_MODE, POINTWISE) && d.hasPart(SUM_A, TENSOR) && d.hasPart(SUM_B, TENSOR) && d.hasPart(SUM_OUT, TENSOR);
        if (!whole || d.part(SUM_A)->all(DIMENSIONS) != d.part(SUM_OUT)->all(DIMENSIONS)) {
            return false;
        }
        for (int i = 0; i < 4; i++) {
            int64_t side = d.part(SUM_B)->all(DIMENSIONS)[i];
            if (side != 1 && side != d.part(SUM_A)->all(DIMENSIONS)[i]) {
                return false;
            }
        }
        return true;
    }
    case GRAPH: {
        if (!d.has(GRAPH_HANDLE) || d.number(GRAPH_HANDLE) == 0 || !d.has(GRAPH_OPERATIONS)) {
            return false;
        }
        size_t count = d.all(GRAPH_OPERATIONS).size();
        for (size_t i = 0; i < count; i++) {
            const Descriptor &operation = *d.part(GRAPH_OPERATIONS, i);
            bool known = count == 1 ? operation.kind == ATTENTION : operation.kind == (i == 0 ? CONVOLUTION : SUM);
            if (!known || !operation.complete) {
                return false;
            }
        }
        return true;
    }
    case HEURISTICS: return d.has(MODE) && d.hasPart(HEURISTICS_GRAPH, GRAPH);
    case PLAN: return d.has(PLAN_HANDLE) && d.number(PLAN_HANDLE) != 0 && d.hasPart(PLAN_PROPOSAL, PROPOSAL);
    case VALUES: return d.has(IDS) && d.has(POINTERS) && d.has(VALUES_WORKSPACE) && d.all(IDS).size() == d.all(POINTERS).size();
    default: return false;
    }
}

const void *valueOf(const Descriptor &values, const Descriptor &tensor) {
    for (size_t i = 0; i < values.all(IDS).size(); i++) {
        if (values.all(IDS)[i] == tensor.number(ID)) {
            return reinterpret_cast<const void *>(values.all(POINTERS)[i]);
        }
    }
    return nullptr;
}

int runAttention(Handle *handle, const Descriptor &attention, const Descriptor &values) {
    std::vector<Heads> heads;
    for (int part : {Q, K, V, OUT}) {
        heads.emplace_back(*attention.part(part), valueOf(values, *attention.part(part)));
        if (!simulatedOnDevice(heads.back().data, heads.back().bytes(), "attention")) {
            return refuse(EXECUTION_FAILED, "a tensor is not on the device");
        }
    }
    const void *scale = valueOf(values, *attention.part(SCALE));
    if (!simulatedOnHost(scale, "attention scale")) {
        return refuse(EXECUTION_FAILED, "the scale is not on the host");
    }
    float factor = *static_cast<const float *>(scale);
    bool wrong = graphs == WRONG;
    int failed = simulatedSubmit(handle->stream, [=] {
        runs++;
        attend(heads[0], heads[1], heads[wrong ? 1 : 2], heads[3], factor);
    });
    return failed ? EXECUTION_FAILED : SUCCESS;
}

int runConvolution(Handle *handle, const Descriptor &graph, const Descriptor &values) {
    std::vector<Step> steps;
    std::map<int64_t, Operand> operands;
    for (size_t i = 0; i < graph.all(GRAPH_OPERATIONS).size(); i++) {
        const Descriptor &of = *graph.part(GRAPH_OPERATIONS, i);
        bool sum = of.kind == SUM;
        const Descriptor &a = *of.part(sum ? SUM_A : IN), &b = *of.part(sum ? SUM_B : FILTER), &out = *of.part(sum ? SUM_OUT : PRODUCT);
        if (sum && a.number(ID) != steps.back().out) {
            return refuse(NOT_SUPPORTED, "only what was computed last can be added to");
        }
        for (const Descriptor *each : {&a, &b, &out}) {
            void *data = const_cast<void *>(valueOf(values, *each));
            Operand operand{tensor(*each), each->has(VIRTUAL), data};
            if (!operand.isVirtual && !simulatedOnDevice(data, operand.tensor.bytes(), "convolution's graph")) {
                return refuse(EXECUTION_FAILED, "a tensor is not on the device");
            }
            for (const auto &[id, other] : operands) {
                if (each == &out && data != nullptr && other.data == data) {
                    return refuse(EXECUTION_FAILED, "what is written is read, too");
                }
            }
            operands.insert({each->number(ID), operand});
        }
        steps.push_back({sum ? Convolution{} : window(*of.part(CONVOLUTION_WINDOW)), a.number(ID), b.number(ID), out.number(ID)});
    }
    bool wrong = graphs == WRONG;
    int failed = simulatedSubmit(handle->stream, [=] {
        runs++;
        compute(steps, operands, wrong);
    });
    return failed ? EXECUTION_FAILED : SUCCESS;
}

} // namespace

extern "C" {

void simulatedGraphs(int which) { graphs = which; }
int simulatedGraphRuns() { return runs; }

void cudnnGetLastErrorString(char *text, size_t bytes) {
    std::snprintf(text, bytes, "%s\n", lastError.c_str());
    lastError.clear();
}

int cudnnBackendCreateDescriptor(int kind, Descriptor **descriptor) {
    for (int known : {POINTWISE, WINDOW, ENGINE, PROPOSAL, HEURISTICS, PLAN, CONVOLUTION, SUM, GRAPH, VALUES, TENSOR, ATTENTION}) {
        if (kind == known) {
            simulatedCount(1);
            *descriptor = new Descriptor{kind};
            return SUCCESS;
        }
    }
    return refuse(NOT_SUPPORTED, "this kind of descriptor is not simulated");
}

int cudnnBackendDestroyDescriptor(Descriptor *descriptor) { return destroy(descriptor); }

int cudnnBackendSetAttribute(Descriptor *descriptor, int attribute, int type, int64_t count, const void *values) {
    if (descriptor->complete || values == nullptr || count < 1) {
        return refuse(BAD_PARAM, "an attribute of a finalized descriptor, or of no values");
    }
    size_t bytes = type == BOOLEAN_TYPE ? 1 : type == INT64_TYPE || type == 0 || type == 6 || type == DESCRIPTOR_TYPE ? 8 : 4;
    std::vector<int64_t> all(count);
    for (int64_t i = 0; i < count; i++) {
        std::memcpy(&all[i], static_cast<const char *>(values) + i * bytes, bytes);
    }
    descriptor->attributes[attribute] = all;
    return SUCCESS;
}

int cudnnBackendFinalize(Descriptor *descriptor) {
    if (!complete(*descriptor)) {
        return refuse(BAD_PARAM, "a descriptor lacks attributes, or they do not fit each other");
    }
    descriptor->complete = true;
    return SUCCESS;
}

int cudnnBackendGetAttribute(const Descriptor *descriptor, int attribute, int, int64_t count, int64_t *found, void *values) {
    if (!descriptor->complete || count < 1) {
        return refuse(BAD_PARAM, "an attribute of a descriptor that is not finalized, or of no values");
    }
    if (descriptor->kind == PLAN && attribute == PLAN_WORKSPACE) {
        *static_cast<int64_t *>(values) = WORKSPACE;
        *found = 1;
        return SUCCESS;
    }
    if (descriptor->kind == HEURISTICS && attribute == RESULTS) {
        bool any = graphs != REFUSED && descriptor->number(MODE) == MODE_A;
        *found = any ? 1 : 0;
        if (any) {
            Descriptor *proposal = *static_cast<Descriptor **>(values);
            proposal->attributes[HEURISTICS_GRAPH] = descriptor->all(HEURISTICS_GRAPH);
            proposal->complete = true;
        }
        return SUCCESS;
    }
    if (descriptor->kind == PROPOSAL && attribute == PROPOSAL_ENGINE) {
        (*static_cast<Descriptor **>(values))->complete = true;
        *found = 1;
        return SUCCESS;
    }
    if (descriptor->kind == ENGINE && attribute == ENGINE_NUMBER) {
        *static_cast<int64_t *>(values) = 1;
        *found = 1;
        return SUCCESS;
    }
    if (descriptor->kind == ENGINE && attribute == NOTES) {
        *static_cast<int *>(values) = graphs == ROUGH ? WINOGRAD_NOTE : TENSOR_CORE_NOTE;
        *found = 1;
        return SUCCESS;
    }
    return refuse(NOT_SUPPORTED, "this attribute is not simulated");
}

int cudnnBackendExecute(Handle *handle, const Descriptor *plan, const Descriptor *values) {
    if (plan->kind != PLAN || !plan->complete || values->kind != VALUES || !values->complete) {
        return refuse(BAD_PARAM, "what is executed is no plan, or its values are none");
    }
    if (!simulatedOnDevice(reinterpret_cast<const void *>(values->number(VALUES_WORKSPACE)), WORKSPACE, "a plan's workspace")) {
        return refuse(EXECUTION_FAILED, "the workspace is not on the device");
    }
    const Descriptor &graph = *plan->part(PLAN_PROPOSAL)->part(HEURISTICS_GRAPH);
    const Descriptor &first = *graph.part(GRAPH_OPERATIONS);
    return first.kind == ATTENTION ? runAttention(handle, first, *values) : runConvolution(handle, graph, *values);
}

} // extern "C"
