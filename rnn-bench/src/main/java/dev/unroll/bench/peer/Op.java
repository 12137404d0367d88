package dev.unroll.bench.peer;

/** An operation on tensors, with broadcasting, as both libraries name it. */
enum Op {
  ADD("Add", "add"),
  SUB("Sub", "sub"),
  MUL("Mul", "mul"),
  DIV("Div", "div"),
  MAX("Max", "maximum"),
  MATMUL("MatMul", "matmul"),
  SIGMOID("Sigmoid", "sigmoid"),
  TANH("Tanh", "tanh"),
  RELU("Relu", "relu"),
  SOFTPLUS("Softplus", "softplus"),
  EXP("Exp", "exp"),
  NEG("Neg", "neg"),
  SQRT("Sqrt", "sqrt"),
  COS("Cos", "cos"),
  SIN("Sin", "sin");

  private final String onnx;
  private final String torch;

  Op(String onnx, String torch) {
    this.onnx = onnx;
    this.torch = torch;
  }

  /** An operator of ONNX. */
  String onnx() {
    return onnx;
  }

  /** A function of {@code torch}. */
  String torch() {
    return torch;
  }
}
